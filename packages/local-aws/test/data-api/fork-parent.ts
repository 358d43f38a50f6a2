/** The parent process that a test kills: forks a Data API and prints its URL. */
import { forkDataApi } from '../../src/data-api/fork';

void forkDataApi({ clusters: {}, secrets: {} }).then(({ url }) => console.log(url));
