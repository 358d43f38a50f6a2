import { configFor } from './jest.rooms.mjs';

/** Judges from elsewhere, which CI installs. */
export default configFor(['judge']);
