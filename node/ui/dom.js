// What draws: Preact with tagged templates. One place, so that no page depends on where it lies.
export { html, render, Component, createContext, useCallback, useContext, useEffect,
    useLayoutEffect, useMemo, useReducer, useRef, useState } from "/lib/preact.js";

// Told to a screen reader, once it has said what it is saying.
export function announce(text) {
    const announcer = document.getElementById("announce");
    announcer.textContent = "";
    requestAnimationFrame(() => { announcer.textContent = text; });
}
