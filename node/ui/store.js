// A value that pages watch: set it, and whoever uses it is drawn anew.
import { useLayoutEffect, useState } from "/dom.js";

export class Store {
    #value;
    #watchers = new Set();

    constructor(value) {
        this.#value = value;
    }

    get value() {
        return this.#value;
    }

    set value(next) {
        this.#value = next;
        for (const watcher of [...this.#watchers])
            watcher(next);
    }

    // Calls watcher at each change; returns what ends that.
    watch(watcher) {
        this.#watchers.add(watcher);
        return () => this.#watchers.delete(watcher);
    }
}

export function useStore(store) {
    const [value, setValue] = useState(store.value);
    useLayoutEffect(() => {
        setValue(store.value);
        return store.watch(setValue);
    }, [store]);
    return value;
}
