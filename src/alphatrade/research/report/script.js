/* Tooltips for marks that carry data-tip, and a rule under the pointer. The page is complete without them. */
(() => {
  const box = document.createElement("div");
  box.className = "tip";
  box.setAttribute("role", "status");
  box.hidden = true;
  document.body.append(box);
  let lit = null;

  const hide = () => {
    box.hidden = true;
    if (lit) lit.classList.remove("lit");
    lit = null;
  };

  const fill = (text) => {
    box.replaceChildren(...text.split("\n").map((line) => {
      const row = document.createElement("div");
      row.append(...line.split("\t").map((part) => {
        const cell = document.createElement("span");
        cell.textContent = part;
        return cell;
      }));
      return row;
    }));
  };

  const show = (event) => {
    const mark = event.target.closest ? event.target.closest("[data-tip]") : null;
    if (!mark) return hide();
    if (mark !== lit) {
      if (lit) lit.classList.remove("lit");
      lit = mark;
      mark.classList.add("lit");
      fill(mark.getAttribute("data-tip"));
      box.hidden = false;
    }
    const gap = 14;
    const right = event.clientX + gap + box.offsetWidth > document.documentElement.clientWidth;
    const x = right ? event.clientX - gap - box.offsetWidth : event.clientX + gap;
    const y = Math.min(event.clientY + gap, window.innerHeight - box.offsetHeight - 4);
    box.style.transform = `translate(${Math.max(4, x)}px, ${Math.max(4, y)}px)`;
  };

  document.addEventListener("pointermove", show);
  document.addEventListener("pointerdown", show);
  document.addEventListener("scroll", hide, { passive: true });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
})();
