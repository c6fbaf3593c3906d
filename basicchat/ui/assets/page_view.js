// Draws a page of a document: a picture with boxes over it, or text with one passage marked.
// Everything from the document goes in as text nodes or as image bytes.
function place(element, box) {
  element.style.left = `${box.left * 100}%`;
  element.style.top = `${box.top * 100}%`;
  element.style.width = `${(box.right - box.left) * 100}%`;
  element.style.height = `${(box.bottom - box.top) * 100}%`;
  return element;
}

function picture(data, choose) {
  const frame = document.createElement("div");
  frame.className = "sheet";
  frame.style.aspectRatio = `${data.width} / ${data.height}`;
  const image = document.createElement("img");
  image.src = `data:image/png;base64,${data.png}`;
  image.alt = data.alt;
  frame.appendChild(image);
  for (const box of data.boxes ?? []) {
    const mark = document.createElement("div");
    mark.className = "mark";
    frame.appendChild(place(mark, box));
  }
  (data.passages ?? []).forEach((passage, index) => frame.append(...outlined(passage, index, choose)));
  return frame;
}

// One passage as boxes that light up together; pressing any of them chooses it. The first is its button for the keyboard.
function outlined(passage, index, choose) {
  const boxes = passage.boxes.map((box, at) => {
    const part = document.createElement(at ? "div" : "button");
    part.className = `part ${index % 2 ? "odd" : "even"}${passage.chosen ? " mark chosen" : ""}`;
    part.title = passage.label;
    if (at === 0) {
      part.type = "button";
      part.setAttribute("aria-label", passage.label);
      part.setAttribute("aria-pressed", String(passage.chosen));
    }
    part.addEventListener("click", () => choose(passage.id));
    return place(part, box);
  });
  const light = (on) => boxes.forEach((one) => one.classList.toggle("over", on));
  for (const box of boxes) {
    for (const name of ["mouseenter", "focus"]) box.addEventListener(name, () => light(true));
    for (const name of ["mouseleave", "blur"]) box.addEventListener(name, () => light(false));
  }
  return boxes;
}

// Brings the card of the chosen passage into sight; it may be drawn a little after the picture.
function revealCard(tries = 20) {
  const card = document.querySelector('[class*="st-key-passage-here-"]');
  if (card) card.scrollIntoView({ block: "nearest" });
  else if (tries) setTimeout(revealCard, 100, tries - 1);
}

function passage(data) {
  const page = document.createElement("div");
  page.className = "text";
  const mark = document.createElement("mark");
  mark.textContent = data.marked;
  page.append(document.createTextNode(data.before), ...(data.marked ? [mark] : []), document.createTextNode(data.after));
  return page;
}

function nearestScroller(element) {
  for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) {
    if (at.scrollHeight > at.clientHeight + 4 && ["auto", "scroll"].includes(getComputedStyle(at).overflowY)) return at;
  }
  return null;
}

function reveal(root) {
  const mark = root.querySelector(".mark, mark");
  const scroller = mark && nearestScroller(mark);
  if (!scroller) return;
  const offset = mark.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  scroller.scrollTop += offset - scroller.clientHeight / 3;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".view");
  if (root.dataset.shown === data.id) return;
  root.dataset.shown = data.id;
  const choose = (id) => setTriggerValue("chosen", id);
  root.replaceChildren(data.kind === "picture" ? picture(data, choose) : passage(data));
  if (data.passages) {
    if (data.passages.some((passage) => passage.chosen)) revealCard();
    return;
  }
  const image = root.querySelector("img");
  if (image && !image.complete) image.addEventListener("load", () => reveal(root), { once: true });
  requestAnimationFrame(() => reveal(root));
}
