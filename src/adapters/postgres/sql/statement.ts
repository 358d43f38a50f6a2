/** The statement of a .sql file, without the comment at its top: the Data API could take a colon in it for a parameter. */
export const statement = (file: string): string => file.replace(/^(--[^\n]*\n)+/, '').trimEnd();
