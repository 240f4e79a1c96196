// What the tests of everybody ask of a page; each is an expression of its own, evaluated in the page.
({
  /** What sticks out of the window to the right and cannot be scrolled to by itself. */
  sticksOut() {
    const width = document.documentElement.clientWidth;
    const scrolls = (it) => it && (/auto|scroll|hidden|clip/.test(getComputedStyle(it).overflowX) || scrolls(it.parentElement));
    const out = [];
    for (const it of document.body.querySelectorAll("*")) {
      const box = it.getBoundingClientRect();
      const shown = box.width > 1 && box.height > 1 && it.checkVisibility();
      const whole = !(it instanceof SVGElement) || it instanceof SVGSVGElement;
      if (shown && whole && box.right > width + 1 && !scrolls(it.parentElement)) out.push(`${it.tagName}.${it.className} ${box.right}`);
    }
    if (document.documentElement.scrollWidth > width) out.push(`the page scrolls sideways: ${document.documentElement.scrollWidth}`);
    return out;
  },

  /** Texts that are cut off although nothing says so. */
  cut() {
    return [...document.body.querySelectorAll("*")]
      .filter((it) => it.checkVisibility() && it.children.length === 0 && it.textContent.trim())
      .filter((it) => !it.closest(".unseen, svg, option, select, canvas"))
      .filter((it) => getComputedStyle(it).clipPath === "none") // for a screen reader alone
      .filter((it) => it.clientWidth > 0 && it.scrollWidth > it.clientWidth + 1 && getComputedStyle(it).overflowX !== "visible")
      .map((it) => `${it.tagName}.${it.className}: ${it.textContent}`);
  },

  /** How many things can be reached with the Tab key: a radio group is one. */
  stops() {
    const first = (name) => document.querySelector(`[name="${name}"]:checked`) ?? document.querySelector(`[name="${name}"]`);
    return [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
      .filter((it) => it.checkVisibility({ visibilityProperty: true }) && !it.disabled && it.tabIndex >= 0)
      .filter((it) => it.type !== "radio" || it === first(it.name))
      .length;
  },

  /** What moves by itself, or would with its next change, and whether scrolling glides. */
  moves() {
    const running = document.getAnimations().map((it) => `runs: ${it.animationName ?? it.transitionProperty}`);
    const would = [...document.querySelectorAll("*")].flatMap((it) => [null, "::before", "::after"].map((part) => {
      const style = getComputedStyle(it, part);
      const lasts = (times) => times.split(",").some((each) => parseFloat(each) > 0);
      const named = style.animationName !== "none" && lasts(style.animationDuration);
      return named || lasts(style.transitionDuration) || style.scrollBehavior === "smooth" ? `${it.tagName}.${it.className}` : "";
    })).filter(Boolean);
    return [...running, ...would];
  },

  /** Where the focus is, and whether it can be seen: it has an outline, and its place is not behind something. */
  focus() {
    const it = document.activeElement;
    if (!it || it === document.body) return null;
    it.dataset.stop ??= String(document.querySelectorAll("[data-stop]").length + 1);
    const outlined = [it, it.nextElementSibling, it.parentElement].some((each) => {
      const style = each && getComputedStyle(each);
      return style && parseFloat(style.outlineWidth) > 0 && style.outlineStyle !== "none";
    });
    const box = it.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 22));
    const covered = !top || !(it.contains(top) || top.contains(it) || it.parentElement.contains(top));
    const what = `${it.tagName} ${it.id || it.className} ${it.textContent.trim().slice(0, 30)}`;
    return { stop: it.dataset.stop, what, outlined, covered };
  },
})
