"""The one compiled driver: walks tables of kernels over tiles of rows.

In: context arrays full of addresses (``lane`` builds them) and blocks of rows. Out: filled output blocks,
updated state. Never here: planning, any statistic.

A *lane* is one symbol's run of one stage. Per tile it (1) starts afresh after too long an absence, (2) takes
the real rows of the chunk, (3) calls the table, (4) copies columns out, with NaN in MISSING rows. When its
workspace is full it moves the declared history to the front. Numbers that are not finite leave as NaN.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

import numpy as np

from alphatrade.core.kernel.address import call, floats, floats32, ints, ints32, invoke, octets
from alphatrade.core.kernel.entry import Part
from alphatrade.core.kernel.inline import inlined

__all__ = [
    "CALLED",
    "LANE",
    "LIFT",
    "PANEL",
    "PARTS",
    "SLICE",
    "drive",
    "drive_slice",
    "lift",
    "lift_slice",
    "panel",
    "walk",
]

N_INPUTS = 9
_START, _END, _OPEN, _CLOSE = 5, 6, 7, 8
DAY_SECONDS = 86_400.0
# A window may span this many lost rows even where a session has fewer (daily bars).
LEAST_GAP_ROWS = 5
# Longest calendar time between two bars that can be one lost session: weekends and holidays included.
GAP_DAYS = 7.0
# Rows that ``take`` judges together.
CALM_BLOCK = 32
_BIGGEST = 3.4028234663852886e38

# Fields of a lane's context. A row of the workspace has ``width`` columns: history before ``front``, a tile
# up to ``end``, and what keeps rows apart.
LANE = (
    "table", "calls", "w", "slots", "width", "front", "end", "pos", "hist", "fills", "n_fills",
    "out32", "n_out32", "out64", "n_out64", "state", "start", "n_state", "gaps", "n_gaps",
    "slot_gap", "state_gap", "self", "take", "restart", "fill", "walk", "emit", "shift",
)  # fmt: skip
(
    TABLE, CALLS, W, SLOTS, WIDTH, FRONT, END, POS, HIST, FILLS, N_FILLS,
    OUT32, N_OUT32, OUT64, N_OUT64, STATE, STATE0, N_STATE, GAPS, N_GAPS,
    SLOT_GAP, STATE_GAP, SELF, TAKE, RESTART, FILL, WALK, EMIT, SHIFT,
) = range(len(LANE))  # fmt: skip
# Fields of pos: next free column, rows lost in a row, end of the last real bar in seconds, and what ``take``
# found: the first row after the tile, and how many of its rows are real.
COLUMN, LOST, LAST_END, UNTIL, TAKEN = 0, 1, 2, 3, 4
NEVER = -(1 << 62)


# Contexts are passed by address ("at"); every other argument of a part is an address or a count too.


@Part
def restart(at, g):
    """Forget all history and state of one gap class."""
    c = ints(at, len(LANE))
    width, hist, classes = c[WIDTH], ints(c[HIST], c[SLOTS]), ints(c[SLOT_GAP], c[SLOTS])
    w, column = floats(c[W], c[SLOTS] * width), ints(c[POS], 5)[COLUMN]
    for k in range(c[SLOTS]):
        if classes[k] == g:
            end = k * width + column
            for j in range(end - hist[k], end):
                w[j] = np.nan
    state, start = floats(c[STATE], c[N_STATE]), floats(c[STATE0], c[N_STATE])
    owner = ints(c[STATE_GAP], c[N_STATE])
    for k in range(c[N_STATE]):
        if owner[k] == g:
            state[k] = start[k]
    return 0


@inlined
def _is_too_long(sessions, lost, away, length, session):
    """Whether windows may not span this absence: too many rows lost, or too many days."""
    allowed = max(np.ceil(sessions * session / max(length, 1.0)), 1.0 * LEAST_GAP_ROWS)
    return lost > allowed or away > sessions * GAP_DAYS * DAY_SECONDS


@inlined
def _is_after_gap(c, lost, last_end, block, stride, j, is_first):
    """Whether row j lies beyond a gap of some class.

    If it is the first of its tile, those classes restart.
    """
    start, end = block[_START * stride + j], block[_END * stride + j]
    away = start - last_end if last_end != NEVER else 0.0
    gaps, found = floats(c[GAPS], c[N_GAPS]), False
    session = block[_CLOSE * stride + j] - block[_OPEN * stride + j]
    for g in range(gaps.size):
        if _is_too_long(gaps[g], lost, away, end - start, session):
            found = True
            if is_first:
                invoke(c[RESTART], c[SELF], g)
    return found


@inlined
def _calm_rows(raw, stride, ok, j, stop):
    """How many rows from j on, in whole blocks, are real and follow the row before within a day.

    A tile of such rows needs no look at each of them; what is not calm is only looked at closer.
    """
    count = 0
    while j + count + CALM_BLOCK <= stop:
        start = floats(raw + 8 * (_START * stride + j + count), CALM_BLOCK)
        before = floats(raw + 8 * (_END * stride + j + count - 1), CALM_BLOCK)
        bad = 0
        for q in range(CALM_BLOCK):
            # A second less than a day, since the exact rule cuts the end before it to whole seconds.
            bad |= not (start[q] - before[q] <= DAY_SECONDS - 1.0)
        if ok != 0:
            present = octets(ok + j + count, CALM_BLOCK)
            for q in range(CALM_BLOCK):
                bad |= present[q] == 0
        if bad != 0:
            break
        count += CALM_BLOCK
    return count


@Part
def take(at, n, i, raw, stride, ok):
    """Find the rows ``[i, j)`` of the next tile and leave j and the count of real ones in pos."""
    c = ints(at, len(LANE))
    pos, present, block = ints(c[POS], 5), octets(ok, n), floats(raw, N_INPUTS * stride)
    starts, ends = floats(raw + 8 * _START * stride, n), floats(raw + 8 * _END * stride, n)
    room, j, m, lost, last_end = c[END] - pos[COLUMN], i, 0, pos[LOST], pos[LAST_END]
    # Rows before this one are looked at one by one; the first always is, since it follows another chunk.
    closely = i + 1
    while j < n and m < room:
        if j >= closely and lost == 0:
            calm = _calm_rows(raw, stride, ok, j, min(n, j + room - m))
            if calm > 0:
                j, m = j + calm, m + calm
                last_end = int(ends[j - 1])
                continue
            closely = j + CALM_BLOCK
        if ok != 0 and present[j] == 0:
            lost += 1
        else:
            # Nearly every row follows closely: only the others are worth a closer look.
            is_close = lost <= LEAST_GAP_ROWS and starts[j] - last_end <= DAY_SECONDS
            if not is_close and _is_after_gap(c, lost, last_end, block, stride, j, m == 0) and m > 0:
                break
            lost, last_end = 0, int(ends[j])
            m += 1
        j += 1
    pos[UNTIL], pos[TAKEN], pos[LOST], pos[LAST_END] = j, m, lost, last_end
    return 0


@Part
def fill(at, column, i, rows, m, raw, raw_stride, extra, extra_stride, ok):
    """Copy the real ones of ``rows`` rows into the input slots."""
    c = ints(at, len(LANE))
    width, pairs = c[WIDTH], ints(c[FILLS], 2 * c[N_FILLS])
    for k in range(c[N_FILLS]):
        slot, row = pairs[2 * k], pairs[2 * k + 1]
        to = floats(c[W] + 8 * (slot * width + column), m)
        where = raw + 8 * (row * raw_stride + i)
        if row >= N_INPUTS:
            where = extra + 8 * ((row - N_INPUTS) * extra_stride + i)
        source = floats(where, rows)
        if m == rows:
            for t in range(m):
                to[t] = source[t]
        else:
            present, t = octets(ok + i, rows), 0
            for r in range(rows):
                if present[r] != 0:
                    to[t] = source[r]
                    t += 1
    return 0


@Part
def walk(at, i0, i1):
    """Call every kernel of the table on the columns ``[i0, i1)``; lanes and panels begin alike."""
    c = ints(at, 5)
    table = ints(c[TABLE], 4 * c[CALLS])
    for k in range(0, 4 * c[CALLS], 4):
        call(table[k], table[k + 1], table[k + 2], c[W], c[WIDTH], table[k + 3], i0, i1)
    return 0


@inlined
def _spread(to, m, rows, present):
    """Move the first m values to their rows, from the last one on; NaN in MISSING rows."""
    t = m - 1
    for r in range(rows - 1, -1, -1):
        if present[r] != 0:
            to[r] = to[t]
            t -= 1
        else:
            to[r] = np.nan


@Part
def emit(at, column, i, rows, m, extra, extra_stride, out, out_stride, ok):
    """Copy columns out: in full precision what later stages need, rounded to float32 the features.

    What is not finite in a feature is not known.
    """
    c = ints(at, len(LANE))
    pairs, present = ints(c[OUT64], 2 * c[N_OUT64]), octets(ok + i, rows)
    for k in range(c[N_OUT64]):
        source = floats(c[W] + 8 * (pairs[2 * k] * c[WIDTH] + column), m)
        to = floats(extra + 8 * (pairs[2 * k + 1] * extra_stride + i), rows)
        for t in range(m):
            to[t] = source[t]
        if m < rows:
            _spread(to, m, rows, present)
    pairs = ints(c[OUT32], 2 * c[N_OUT32])
    for k in range(c[N_OUT32]):
        source = floats(c[W] + 8 * (pairs[2 * k] * c[WIDTH] + column), m)
        rounded = floats32(out + 4 * (pairs[2 * k + 1] * out_stride + i), rows)
        for t in range(m):
            v = source[t]
            rounded[t] = np.float32(v if abs(v) <= _BIGGEST else np.nan)
        if m < rows:
            _spread(rounded, m, rows, present)
    return 0


@Part
def shift(at):
    """Move every slot's history to the front of the workspace."""
    c = ints(at, len(LANE))
    pos, hist, width = ints(c[POS], 5), ints(c[HIST], c[SLOTS]), c[WIDTH]
    for k in range(c[SLOTS]):
        w, h = floats(c[W] + 8 * k * width, width), hist[k]
        for j in range(h):
            w[c[FRONT] - h + j] = w[pos[COLUMN] - h + j]
    pos[COLUMN] = c[FRONT]
    return 0


@Part
def drive(at, n, raw, raw_stride, extra, extra_stride, ok, out, out_stride):
    """Advance a lane by ``n`` rows; ``ok`` 0 means that every row is real."""
    c = ints(at, len(LANE))
    pos, i = ints(c[POS], 5), 0
    while i < n:
        if pos[COLUMN] == c[END]:
            invoke(c[SHIFT], at)
        invoke(c[TAKE], at, n, i, raw, raw_stride, ok)
        rows, m, column = pos[UNTIL] - i, pos[TAKEN], pos[COLUMN]
        if m > 0:
            invoke(c[FILL], at, column, i, rows, m, raw, raw_stride, extra, extra_stride, ok)
            invoke(c[WALK], at, column, column + m)
        invoke(c[EMIT], at, column, i, rows, m, extra, extra_stride, out, out_stride, ok)
        pos[COLUMN] = column + m
        i += rows
    return 0


# Fields of one slice of many symbols: how many, which are present, blocks ``(symbols, fields)``, the contexts
# to advance and the part that does.
SLICE = ("symbols", "present", "ok", "raw", "extra", "extra_width", "out", "out_width", "contexts", "part")
(
    S_SYMBOLS, S_PRESENT, S_OK, S_RAW, S_EXTRA, S_EXTRA_WIDTH, S_OUT, S_OUT_WIDTH, S_CONTEXTS, S_PART,
) = range(len(SLICE))  # fmt: skip


@Part
def drive_slice(at):
    """Advance the lanes of all present symbols by one row."""
    c = ints(at, len(SLICE))
    present, contexts = octets(c[S_PRESENT], c[S_SYMBOLS]), ints(c[S_CONTEXTS], c[S_SYMBOLS])
    for s in range(c[S_SYMBOLS]):
        if present[s] != 0:
            raw, extra = c[S_RAW] + 8 * N_INPUTS * s, c[S_EXTRA] + 8 * c[S_EXTRA_WIDTH] * s
            out = c[S_OUT] + 4 * c[S_OUT_WIDTH] * s
            invoke(c[S_PART], contexts[s], 1, raw, 1, extra, 1, c[S_OK] + s, out, 1)
    return 0


# Fields of a panel's context.
PANEL = ("table", "calls", "w", "slots", "width", "tile", "ins", "n_ins", "outs", "n_outs", "walk")
P_W, P_WIDTH, P_TILE, P_INS, P_N_INS, P_OUTS, P_N_OUTS, P_WALK = 2, 4, 5, 6, 7, 8, 9, 10


@inlined
def _gather(c, rows, symbols, t0, t1, extras, strides):
    pairs = ints(c[P_INS], 2 * c[P_N_INS])
    for k in range(c[P_N_INS]):
        w = floats(c[P_W] + 8 * pairs[2 * k] * c[P_WIDTH], c[P_WIDTH])
        for s in range(symbols):
            column = floats(extras[s] + 8 * pairs[2 * k + 1] * strides[s], strides[s])
            for t in range(t0, t1):
                r = rows[t * symbols + s]
                w[(t - t0) * symbols + s] = column[r] if r >= 0 else np.nan


@inlined
def _scatter(c, rows, symbols, t0, t1, extras, strides):
    pairs = ints(c[P_OUTS], 2 * c[P_N_OUTS])
    for k in range(c[P_N_OUTS]):
        w = floats(c[P_W] + 8 * pairs[2 * k] * c[P_WIDTH], c[P_WIDTH])
        for s in range(symbols):
            column = floats(extras[s] + 8 * pairs[2 * k + 1] * strides[s], strides[s])
            for t in range(t0, t1):
                r = rows[t * symbols + s]
                if r >= 0:
                    column[r] = w[(t - t0) * symbols + s]


@Part
def panel(at, slices, symbols, rows_at, extras_at, strides_at):
    """Run a panel over slices.

    ``rows`` (slices, symbols) int32 are own rows or -1, ``extras`` addresses of the symbols' blocks,
    ``strides`` their row lengths.
    """
    c, rows = ints(at, len(PANEL)), ints32(rows_at, slices * symbols)
    extras, strides = ints(extras_at, symbols), ints(strides_at, symbols)
    for t0 in range(0, slices, c[P_TILE]):
        t1 = min(t0 + c[P_TILE], slices)
        _gather(c, rows, symbols, t0, t1, extras, strides)
        invoke(c[P_WALK], at, 0, t1 - t0)
        _scatter(c, rows, symbols, t0, t1, extras, strides)
    return 0


# Fields of a lift's context; "inner" is the address of the context of its lane, "seconds" 0 means sessions.
LIFT = ("seconds", "bucket", "closed", "capacity", "at", "values", "held", "targets", "n", "inner", "drive")
L_SECONDS, L_BUCKET, L_CLOSED, L_CAPACITY, L_AT, L_VALUES, L_HELD, L_TARGETS, L_N, L_INNER, L_DRIVE = range(
    len(LIFT)
)
# Fields of the open bucket: the nine inputs of the bar so far, then its key, its edge, and whether there is
# one.
B_KEY, B_EDGE, B_OPEN = 9, 10, 11


@inlined
def _close_bucket(bucket, closed, capacity, m):
    for k in range(N_INPUTS):
        closed[k * capacity + m] = bucket[k]
    closed[_END * capacity + m] = bucket[B_EDGE]
    bucket[B_OPEN] = 0.0
    return m + 1


@inlined
def _key_and_edge(seconds, start, session_open, session_close):
    """A bucket's key and end: a session, or a stretch counted from its open and cut at its close."""
    if seconds == 0:
        return session_open, session_close
    key = session_open + np.floor((start - session_open) / seconds) * seconds
    edge = key + seconds
    if start < session_close < edge:
        edge = session_close
    return key, edge


@inlined
def _absorb(bucket, raw, stride, i, key, edge):
    """Add a base row to the open bucket, or open one with it."""
    if bucket[B_OPEN] == 0.0:
        for k in range(N_INPUTS):
            bucket[k] = raw[k * stride + i]
        bucket[B_KEY], bucket[B_EDGE], bucket[B_OPEN] = key, edge, 1.0
        return
    bucket[1] = max(bucket[1], raw[stride + i])
    bucket[2] = min(bucket[2], raw[2 * stride + i])
    bucket[3] = raw[3 * stride + i]
    bucket[4] += raw[4 * stride + i]


@inlined
def _aggregate(c, base, stride, ok, i, j):
    """Close buckets over base rows ``[i, j)``.

    ``at[r]`` is how many are closed when row ``i + r`` is complete.
    """
    capacity, bucket = c[L_CAPACITY], floats(c[L_BUCKET], B_OPEN + 1)
    closed, at = floats(c[L_CLOSED], N_INPUTS * capacity), ints(c[L_AT], capacity)
    present, m = octets(ok, j), 0
    for r in range(i, j):
        if ok == 0 or present[r] != 0:
            start, end = base[_START * stride + r], base[_END * stride + r]
            key, edge = _key_and_edge(
                c[L_SECONDS], start, base[_OPEN * stride + r], base[_CLOSE * stride + r]
            )
            if bucket[B_OPEN] != 0.0 and key != bucket[B_KEY]:
                m = _close_bucket(bucket, closed, capacity, m)
            _absorb(bucket, base, stride, r, key, edge)
            if end >= bucket[B_EDGE]:
                m = _close_bucket(bucket, closed, capacity, m)
        at[r - i] = m
    return m


@Part
def lift(where, n, raw, stride, ok, extra, extra_stride):
    """Advance a lift by ``n`` base rows: aggregate, advance the inner lane, spread the last closed values."""
    c = ints(where, len(LIFT))
    base, capacity = floats(raw, N_INPUTS * stride), c[L_CAPACITY]
    values, held, targets = (
        floats(c[L_VALUES], c[L_N] * capacity),
        floats(c[L_HELD], c[L_N]),
        ints(c[L_TARGETS], c[L_N]),
    )
    at, present = ints(c[L_AT], capacity), octets(ok, n)
    for i in range(0, n, capacity // 2):
        j = min(i + capacity // 2, n)
        m = _aggregate(c, base, stride, ok, i, j)
        if m > 0:
            invoke(c[L_DRIVE], c[L_INNER], m, c[L_CLOSED], capacity, c[L_VALUES], capacity, 0, 0, 0)
        for k in range(c[L_N]):
            to = floats(extra + 8 * (targets[k] * extra_stride + i), j - i)
            for r in range(j - i):
                to[r] = held[k] if at[r] == 0 else values[k * capacity + at[r] - 1]
                if ok != 0 and present[i + r] == 0:
                    to[r] = np.nan
            if m > 0:
                held[k] = values[k * capacity + m - 1]
    return 0


@Part
def lift_slice(at):
    """Advance the lifts of all present symbols by one row."""
    c = ints(at, len(SLICE))
    present, contexts = octets(c[S_PRESENT], c[S_SYMBOLS]), ints(c[S_CONTEXTS], c[S_SYMBOLS])
    for s in range(c[S_SYMBOLS]):
        if present[s] != 0:
            raw, extra = c[S_RAW] + 8 * N_INPUTS * s, c[S_EXTRA] + 8 * c[S_EXTRA_WIDTH] * s
            invoke(c[S_PART], contexts[s], 1, raw, 1, c[S_OK] + s, extra, 1)
    return 0


# Parts that a lane calls, by the names of its fields; and all parts, those first that take long to compile.
CALLED = {
    "take": take, "restart": restart, "fill": fill, "walk": walk, "emit": emit, "shift": shift,
}  # fmt: skip
PARTS = (lift, take, panel, emit, restart, fill, drive, shift, walk, drive_slice, lift_slice)
