import { openRunDirectory } from 'local-aws/testing';

export default openRunDirectory;
