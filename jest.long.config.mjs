import { configFor } from './jest.rooms.mjs';

/** `npm run test:long`. */
export default configFor(['long']);
