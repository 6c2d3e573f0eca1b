// The photo of the paper board: taken or chosen here, and how it stands.
import { announce, html, useEffect, useLayoutEffect, useRef, useState } from "/dom.js";
import { ask } from "/link.js";
import { useStore } from "/store.js";
import { whyText } from "/why.js";
import { small } from "/table/jpeg.js";
import { refusal } from "/table/lifted.js";
import { Mark } from "/table/parts.js";
import { add, begin, giveUp, onTheWay, pictureOf } from "/table/photo_line.js";
import { t } from "/table/words.js";

function Picture({ id, name, done }) {
    const dialog = useRef(null);
    const [address, setAddress] = useState(null);
    useLayoutEffect(() => {
        dialog.current.showModal();
        const address_ = pictureOf(id).then(made => (setAddress(made), made));
        return () => address_.then(made => made && URL.revokeObjectURL(made));
    }, [id]);
    const takeBack = () => {
        ask({ do: "photo", photo: id, gone: true });
        done();
    };
    return html`<dialog class="picture" ref=${dialog} onClose=${done} aria-label=${name}>
        ${address ? html`<img src=${address} alt=${name}/>` : html`<p>${t("photoComes")}</p>`}
        <div class="row"><button class="primary" onClick=${done}>${t("close")}</button>
            <button onClick=${takeBack}>${t("photoBack")}</button></div>
    </dialog>`;
}

export function Photo({ view, board }) {
    const way = useStore(onTheWay), field = useRef(null);
    const [shown, show] = useState(null), [busy, setBusy] = useState(false);
    useEffect(begin, []);
    const take = async event => {
        const [file] = event.target.files;
        event.target.value = "";
        if (!file)
            return;
        setBusy(true);
        const bytes = await small(file);
        setBusy(false);
        if (!bytes)
            return void (refusal.value = { why: t("noPicture") });
        add(bytes, board.round);
        announce(t("photoTaken"));
    };
    const here = (view.photos ?? []).filter(photo => photo.round === board.round && !way[photo.id]
        && photo.have === photo.parts);
    const going = Object.entries(way).filter(([, photo]) => photo.round === board.round);
    return html`<div class="photos">
        <input type="file" accept="image/*" class="visually-hidden" tabindex="-1" ref=${field}
            aria-label=${t("photo")} onChange=${take}/>
        <button disabled=${busy} onClick=${() => field.current.click()}>
            <span aria-hidden="true">▣</span> ${t(busy ? "photoBusy" : "photo")}</button>
        ${here.map((photo, i) => html`<button key=${photo.id} class="photo-here"
            onClick=${() => show(photo.id)}>${t("photoN", { n: i + 1 })}
            <${Mark} of=${photo} own=${view.own}/></button>`)}
        ${going.map(([id, photo]) => html`<span key=${id} class="small photo-going" role="status">
            ${photo.error ? html`${t("notSaved")} ${whyText(photo.error)}
                    <button aria-label=${t("close")} onClick=${() => giveUp(id)}>×</button>`
                : html`<${Mark} of=${{ waiting: true }} own=${view.own}/>
                    ${t("photoGoing", { n: photo.sent, count: photo.data.length })}`}</span>`)}
        ${shown && html`<${Picture} id=${shown} done=${() => show(null)}
            name=${t("photoN", { n: 1 + here.findIndex(photo => photo.id === shown) })}/>`}
    </div>`;
}
