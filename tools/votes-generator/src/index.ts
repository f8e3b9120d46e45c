export { main as writeVotes } from './run.ts';
