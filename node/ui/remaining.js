// What a step's clock shows, from the plan and mesh time.
import { useEffect, useState } from "/dom.js";
import { meshUs } from "/clock.js";

const SECOND_US = 1000000;
export const LAST_MINUTE_S = 60;

export function clockText(seconds) {
    const whole = Math.max(0, Math.round(seconds)), minutes = Math.floor(whole / 60) % 60;
    const hours = Math.floor(whole / 3600), rest = String(whole % 60).padStart(2, "0");
    return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

// {what, seconds}: "starts" in so long, "left" so long, "taken" so long (an untimed step),
// "paused", "ready" or "ended" with what it lasts, lasted or has left; seconds null if there is
// nothing to show.
export function remaining(plan, step, now = meshUs()) {
    const seconds = us => us / SECOND_US;
    if (plan.state === "paused")
        return { what: "paused", seconds: seconds(plan.left_us) };
    if (plan.state === "ready")
        return { what: "ready", seconds: step?.duration_us ? seconds(step.duration_us) : null };
    if (plan.state === "ended" || now === null)
        return { what: plan.state === "ended" ? "ended" : "left", seconds: null };
    if (plan.start_us > now)
        return { what: "starts", seconds: Math.ceil(seconds(plan.start_us - now)) };
    if (!plan.end_us)
        return { what: "taken", seconds: Math.floor(seconds(now - plan.start_us)) };
    return { what: "left", seconds: Math.max(0, Math.ceil(seconds(plan.end_us - now))) };
}

// Draws anew when what it shows changes: it looks often, but draws once a second.
export function useRemaining(plan, step) {
    const [shown, setShown] = useState(() => remaining(plan, step));
    useEffect(() => {
        const look = () => setShown(before => {
            const next = remaining(plan, step);
            return next.what === before.what && next.seconds === before.seconds ? before : next;
        });
        look();
        const timer = setInterval(look, 100);
        return () => clearInterval(timer);
    }, [plan, step]);
    return shown;
}

// The wall clock's time at mesh time atUs, "14:05".
export function wallTime(atUs) {
    const now = meshUs();
    if (now === null || !atUs)
        return "";
    return hourText(new Date(Math.round((Date.now() + (atUs - now) / 1000) / 1000) * 1000));
}

export function hourText(date) {
    return `${date.getHours()}:${String(date.getMinutes()).padStart(2, "0")}`;
}

// Minutes after midnight, as a time of day.
export function plannedTime(minutes) {
    return minutes < 0 ? "" : `${Math.floor(minutes / 60) % 24}:${
        String(minutes % 60).padStart(2, "0")}`;
}
