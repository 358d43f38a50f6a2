/** Text of a .sql file: esbuild bundles it, Jest transforms it, and `bin/sql-text.cjs` loads it under tsx. */
declare module '*.sql' {
  const text: string;
  export default text;
}
