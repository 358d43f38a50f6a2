import { explore } from './explore';
import { GUARD_MUTATIONS } from './guard-mutations';
void (async () => {
  for (const mutation of GUARD_MUTATIONS) {
    const r = await explore(mutation.scenario, { mutation, recover: mutation.inTheEnd === true });
    console.log(mutation.name, r.states, r.complete, r.depth, r.seconds, r.finding?.trace.length, r.finding?.what);
    if (mutation.inTheEnd) console.log(r.finding?.trace.join('\n'));
  }
})();
