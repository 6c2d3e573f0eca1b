// The way to the node of a page on the node's own machine: in plain JSON, over loopback.
const TOKEN = "fluit-token";

export class Plain {
    #token = sessionStorage.getItem(TOKEN);

    // key: of a printed link, which opens it once; the tab keeps what it got for it. False: there
    // is no session.
    async open(key) {
        if (!key)
            return this.#token !== null;
        const answer = await fetch("/api/session", {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ key }),
        });
        if (answer.ok) {
            this.#token = (await answer.json()).token;
            sessionStorage.setItem(TOKEN, this.#token);
        }
        return this.#token !== null;
    }

    forget() {
        sessionStorage.removeItem(TOKEN);
        this.#token = null;
    }

    #headers(more) {
        return { Authorization: `Bearer ${this.#token}`, ...more };
    }

    async script() {
        const answer = await fetch("/api/script", { headers: this.#headers() });
        return answer.ok ? answer.json() : null;
    }

    // A stream; read() makes a view's text of one of its events.
    async events(lastId, signal) {
        const headers = this.#headers(lastId ? { "Last-Event-ID": lastId } : {});
        const { status, body } = await fetch("/api/events", { headers, signal });
        return { status, body, read: ({ event, data }) => event === "view" ? data : null };
    }

    async post(text, key) {
        const answer = await fetch("/api/do", {
            method: "POST",
            headers: this.#headers({ "Content-Type": "application/json", "Idempotency-Key": key }),
            body: text,
            keepalive: text.length < 1000, // also when the page is being closed
        });
        return { status: answer.status, text: await answer.text() };
    }

    // What the code for phones says; null: there is none. renew: makes a new one.
    async phones(renew) {
        const answer = await fetch("/api/phones", renew ? {
            method: "POST",
            headers: this.#headers({ "Content-Type": "application/json" }),
            body: JSON.stringify({ renew }),
        } : { headers: this.#headers() });
        return answer.ok ? (await answer.json()).url : null;
    }
}
