// The way to the node of a phone that scanned its code: all but the files is sealed, so that the
// network hears no story and can ask for nothing. node/view/API.md "From a phone".
const KEY = "fluit-phone-key", SESSION = "fluit-phone-session";
const TOKEN_LEN = 64, RUN_LEN = 16, NONCE_LEN = 24, ONCE_LEN = 16;
const KEY_FORM = /^[\w-]{43}$/;
const TRIES = 3;

const bytes = text => new TextEncoder().encode(text);
const text = from => new TextDecoder().decode(from);

function join(...parts) {
    const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
        all.set(part, at);
        at += part.length;
    }
    return all;
}

function number(value) {
    const out = new Uint8Array(8);
    new DataView(out.buffer).setBigUint64(0, BigInt(value));
    return out;
}

export class Sealed {
    #sodium = null;
    #session = JSON.parse(sessionStorage.getItem(SESSION) ?? "null"); // {token, key}, base64
    #run = new Uint8Array(RUN_LEN); // not known until the node tells it
    #counter = 0;

    static wasHere() {
        return sessionStorage.getItem(KEY) !== null;
    }

    // key: of the code that was scanned, or null. False: it is no good any more.
    async open(key) {
        if (key) {
            this.forget();
            sessionStorage.setItem(KEY, key);
        }
        if (!this.#sodium) {
            const { default: sodium } = await import("/sodium.js");
            await sodium.ready;
            this.#sodium = sodium;
        }
        return this.#session !== null || this.#hello();
    }

    forget() {
        sessionStorage.removeItem(SESSION);
        sessionStorage.removeItem(KEY);
        this.#session = null;
    }

    #bytesOf(base64) {
        return this.#sodium.from_base64(base64, this.#sodium.base64_variants.URLSAFE_NO_PADDING);
    }

    #base64(from) {
        return this.#sodium.to_base64(from, this.#sodium.base64_variants.URLSAFE_NO_PADDING);
    }

    // What is sealed is good in one place only.
    #place(word, ...where) {
        const domain = bytes("fluit phone " + word);
        return join([domain.length], domain, ...where);
    }

    #seal(key, place, what) {
        const nonce = this.#sodium.randombytes_buf(NONCE_LEN);
        return join(nonce, this.#sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
            what, place, null, nonce, key));
    }

    // Throws if it was not sealed so.
    #unseal(key, place, sealed) {
        return this.#sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
            null, sealed.slice(NONCE_LEN), place, sealed.slice(0, NONCE_LEN), key);
    }

    async #hello() {
        const kept = sessionStorage.getItem(KEY);
        if (!KEY_FORM.test(kept ?? ""))
            return false;
        const key = this.#bytesOf(kept);
        const body = this.#seal(key, this.#place("hello"), new Uint8Array(0));
        const answer = await this.#fetch("/api/session", body, {});
        if (answer.status === 403)
            return false;
        if (!answer.ok)
            throw new Error(`status ${answer.status}`);
        const told = this.#unseal(key, this.#place("session", body.slice(0, NONCE_LEN)),
            new Uint8Array(await answer.arrayBuffer()));
        this.#session = {
            token: text(told.slice(0, TOKEN_LEN)),
            key: this.#base64(told.slice(TOKEN_LEN)),
        };
        sessionStorage.setItem(SESSION, JSON.stringify(this.#session));
        return true;
    }

    #fetch(path, body, headers, signal) {
        return fetch(path, {
            method: "POST",
            headers: { "Content-Type": "application/octet-stream", ...headers },
            body,
            signal,
        });
    }

    // {status, nonce, answer}: nonce names the ask to what answers it. A node that started anew, or
    // that heard something later before this, tells how to go on.
    async #ask(path, what, once, signal) {
        const key = this.#bytesOf(this.#session.key);
        for (let tries = 0; ; tries++) {
            this.#counter = Math.max(this.#counter + 1, Date.now() * 1024);
            const sealed = this.#seal(key, this.#place("ask", this.#run, bytes(path)),
                join(number(this.#counter), once, bytes(what)));
            const nonce = sealed.slice(0, NONCE_LEN);
            const answer = await this.#fetch(path, join(this.#run, sealed),
                { Authorization: `Bearer ${this.#session.token}` }, signal);
            if (answer.status !== 409 || tries === TRIES)
                return { status: answer.status, nonce, answer };
            const told = this.#unseal(key, this.#place("run", nonce),
                new Uint8Array(await answer.arrayBuffer()));
            this.#run = told.slice(0, RUN_LEN);
            this.#counter = Number(new DataView(told.slice(RUN_LEN).buffer).getBigUint64(0));
        }
    }

    async #askText(path, what, once) {
        const { status, nonce, answer } = await this.#ask(path, what, once);
        if (status !== 200)
            return { status, text: await answer.text() };
        const told = this.#unseal(this.#bytesOf(this.#session.key), this.#place("answer", nonce),
            new Uint8Array(await answer.arrayBuffer()));
        return { status, text: text(told) };
    }

    #once(hex) {
        return hex ? this.#sodium.from_hex(hex) : new Uint8Array(ONCE_LEN);
    }

    async script() {
        const answer = await this.#askText("/api/script", "", this.#once(""));
        return answer.status === 200 ? JSON.parse(answer.text) : null;
    }

    async events(lastId, signal) {
        const { status, nonce, answer } =
            await this.#ask("/api/events", lastId, this.#once(""), signal);
        // Another secret, or the code was renewed: perhaps the one that was scanned is still good.
        if (status === 401 && sessionStorage.getItem(KEY) && this.#session) {
            this.#session = null;
            sessionStorage.removeItem(SESSION);
            if (await this.#hello())
                return this.events(lastId, signal);
        }
        const key = this.#session && this.#bytesOf(this.#session.key);
        let count = 0;
        const read = ({ event, id, data }) => event !== "sealed" ? null
            : text(this.#unseal(key, this.#place("view", nonce, number(count++), bytes(id)),
                this.#bytesOf(data)));
        return { status, body: answer.body, read };
    }

    post(what, key) {
        return this.#askText("/api/do", what, this.#once(key));
    }

    // A phone gives the code to nobody.
    async phones() {
        return null;
    }
}
