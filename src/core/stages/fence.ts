/** Shapes that fence first refuse writes before anything is copied, until a deadline. The cutover of the others fences alike. */
export { fence } from '../cutover/fence';
