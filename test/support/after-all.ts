import { closeRunDirectory } from 'local-aws/testing';

export default closeRunDirectory;
