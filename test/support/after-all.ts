import { closeRunDirectory } from './run-directory';

export default closeRunDirectory;
