/** A process whose death a test watches: forks a Data API and prints its URL. */
import { forkDataApi } from '../../src/data-api/fork';

void forkDataApi({ clusters: {}, secrets: {} }).then(({ url }) => console.log(url));
