/** Returns the statement of a .sql file without the comment at its top, where the Data API could read a colon as a parameter. */
export const statement = (file: string): string => file.replace(/^(--[^\n]*\n)+/, '').trimEnd();
