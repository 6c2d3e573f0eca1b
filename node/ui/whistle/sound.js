// The sounds, made from nothing: a pea whistle is two high tones that beat against each other, a
// trill by the pea, and some breath.

const TONES_HZ = [2870, 2910];
const PEA_HZ = 34;
const PEA_DEPTH_HZ = 55;
const ATTACK_S = 0.015;
const RELEASE_S = 0.06;

// Blasts as [from, length] in seconds. One long one starts; two short and one long end.
export const BLASTS = {
    start: [[0, 1.2]],
    end: [[0, 0.22], [0.32, 0.22], [0.64, 1.0]],
};

let breath = null;

function breathOf(context) {
    if (breath?.sampleRate !== context.sampleRate) {
        breath = context.createBuffer(1, context.sampleRate, context.sampleRate);
        const samples = breath.getChannelData(0);
        for (let i = 0; i < samples.length; i++)
            samples[i] = Math.random() * 2 - 1;
    }
    const source = new AudioBufferSourceNode(context, { buffer: breath, loop: true });
    const band = new BiquadFilterNode(context, { type: "bandpass", frequency: 3100, Q: 1.5 });
    source.connect(band);
    return { source, out: band };
}

function envelope(context, peak, at, length) {
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(peak, at + ATTACK_S);
    gain.gain.setValueAtTime(peak, at + length - RELEASE_S);
    gain.gain.linearRampToValueAtTime(0, at + length);
    return gain;
}

function blast(context, out, at, length) {
    const pea = new OscillatorNode(context, { frequency: PEA_HZ });
    const depth = new GainNode(context, { gain: PEA_DEPTH_HZ });
    const tone = envelope(context, 0.3, at, length), air = envelope(context, 0.12, at, length);
    const { source, out: band } = breathOf(context);
    pea.connect(depth);
    const sources = [pea, source];
    for (const frequency of TONES_HZ) {
        const oscillator = new OscillatorNode(context, { type: "triangle", frequency });
        depth.connect(oscillator.frequency);
        oscillator.connect(tone);
        sources.push(oscillator);
    }
    tone.connect(out);
    band.connect(air).connect(out);
    for (const one of sources) {
        one.start(at);
        one.stop(at + length);
    }
    return sources;
}

// Plays the whistle of that kind at a time of the audio clock; returns what takes it back.
export function whistleAt(context, out, kind, at) {
    const sources = BLASTS[kind]
        .flatMap(([from, length]) => blast(context, out, at + from, length));
    return () => sources.forEach(source => source.stop());
}

// The last minute begins: two soft ticks that nobody has to hear.
export function tickAt(context, out, at) {
    const sources = [0, 0.18].map(from => {
        const tick = new OscillatorNode(context, { frequency: 880 });
        tick.connect(envelope(context, 0.08, at + from, 0.1)).connect(out);
        tick.start(at + from);
        tick.stop(at + from + 0.1);
        return tick;
    });
    return () => sources.forEach(source => source.stop());
}
