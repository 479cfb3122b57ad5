// The clock of the live card, which goes on between two states.

const TICK = 100; // ms

// Text that says what goes on and for how long, counting on between two states.
function clock(what, time) {
  let timer = 0;
  let state = null;
  let skew = null; // how far the browser's clock is ahead of the kernel's, in seconds

  const text = (seconds) => {
    if (seconds < 60) return `${seconds.toFixed(1)} s`;
    const whole = Math.floor(seconds);
    const pad = (value) => String(value).padStart(2, "0");
    if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
    return `${Math.floor(whole / 3600)} h ${pad(Math.floor((whole % 3600) / 60))} min`;
  };
  const tick = () => {
    const left = Math.max(0, Math.ceil((state.until ?? 0) - Date.now() / 1000 + skew));
    if (state.until && (left || !state.soon)) {
      write(what, `${state.soon ?? "submits itself"} in ${left < 60 ? `${left} s` : text(left)}`);
      write(time, "");
      return;
    }
    write(what, state.phase);
    const seconds = Math.max(state.elapsed, Date.now() / 1000 - state.since - skew);
    write(time, ` · ${text(seconds)}`);
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
  };
  return {
    stop,
    show(next, fresh) {
      state = next;
      const ahead = Date.now() / 1000 - state.since - state.elapsed;
      // a state that was not just sent (a reloaded page) is old, not early: there only a negative skew is one
      skew = fresh ? ahead : Math.min(0, ahead);
      write(what, state.phase);
      if (state.ended) {
        stop();
        write(time, "");
        return;
      }
      tick();
      timer ||= setInterval(tick, TICK);
    },
  };
}
