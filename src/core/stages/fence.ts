/** Shapes that fence first refuse writes until a deadline before they copy. The cutover of other shapes uses the same fence. */
export { fence } from '../cutover/fence';
