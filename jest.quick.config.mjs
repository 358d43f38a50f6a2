import { configFor } from './jest.rooms.mjs';

/** The tests of `npm run check`. */
export default configFor(['']);
