// A photo made small, and nothing left in it but the picture: drawing it on a canvas drops where
// and when it was taken, and what browsers write in beside the picture goes too.

const SIDE_MAX = 1600;
const BYTES_MAX = 500000;
const QUALITIES = [0.82, 0.72, 0.6, 0.5];

const SOI = 0xd8, EOI = 0xd9, SOS = 0xda;
const KEPT = new Set([0xc0, 0xc1, 0xc2, 0xc4, 0xdb, 0xdd, 0xda, 0xe0, 0xee]);

// The end of a scan's data: the next marker that is neither a stuffed 0 nor a restart.
function endOfScan(bytes, at) {
    for (; at + 1 < bytes.length; at++)
        if (bytes[at] === 0xff && bytes[at + 1] !== 0 && (bytes[at + 1] & 0xf8) !== 0xd0)
            return at;
    return bytes.length;
}

// The same picture with only the segments that draw it. Null: it is no JPEG.
export function bare(bytes) {
    if (bytes[0] !== 0xff || bytes[1] !== SOI)
        return null;
    const parts = [bytes.subarray(0, 2)];
    for (let at = 2; at + 4 <= bytes.length;) {
        const marker = bytes[at + 1];
        if (bytes[at] !== 0xff || marker === EOI)
            break;
        let end = at + 2 + bytes[at + 2] * 256 + bytes[at + 3];
        if (marker === SOS)
            end = endOfScan(bytes, end);
        if (KEPT.has(marker))
            parts.push(bytes.subarray(at, end));
        at = end;
    }
    parts.push(new Uint8Array([0xff, EOI]));
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
    return whole;
}

const toJpeg = (canvas, quality) =>
    new Promise(resolve => canvas.toBlob(resolve, "image/jpeg", quality));

// A file that somebody took or chose, as the bytes of a small JPEG; null if it is no picture.
export async function small(file) {
    const picture = await createImageBitmap(file).catch(() => null);
    if (!picture)
        return null;
    const canvas = document.createElement("canvas");
    const fits = Math.min(1, SIDE_MAX / Math.max(picture.width, picture.height));
    for (let scale = fits;; scale *= 0.75) {
        canvas.width = Math.max(1, Math.round(picture.width * scale));
        canvas.height = Math.max(1, Math.round(picture.height * scale));
        canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
        for (const quality of QUALITIES) {
            const blob = await toJpeg(canvas, quality);
            if (blob && blob.size <= BYTES_MAX)
                return bare(new Uint8Array(await blob.arrayBuffer()));
        }
    }
}
