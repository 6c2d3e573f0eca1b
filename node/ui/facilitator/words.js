// The facilitator's words.
import { words } from "/text.js";
import catalogue from "/text/facilitator.js";

export const t = words(catalogue);
export const countText = (name, n) => t(n === 1 ? `${name}One` : name, { n });
