// The words of the table's and the rapporteur's pages.
import { words } from "/text.js";
import catalogue from "/text/table.js";

export const t = words(catalogue);
