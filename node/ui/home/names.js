// Names of directories, from what people type.
export const slug = text => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "")
    .replace(/[^A-Za-z0-9_-]+/g, "-").replace(/^[-_]+|-+$/g, "").slice(0, 40);

// wanted, or with the first number behind it that no other has.
export function freeName(wanted, places) {
    const taken = new Set(places.map(place => place.name));
    let name = wanted;
    for (let n = 2; taken.has(name); n++)
        name = `${wanted}-${n}`;
    return name;
}
