/** The simulated face page: a layer over the web page with the four choices. */
import type { WebLike } from "./web.ts";

const LAYER =
  "position:fixed;inset:0;z-index:2147483647;display:flex;flex-direction:column;gap:12px;justify-content:center;padding:24px;background:#fff;font:18px sans-serif";

/** Answers the index of the choice. */
export function chooseOnFacePage(document: WebLike["document"], choices: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const layer = document.createElement("div");
    layer.setAttribute("style", LAYER);
    layer.setAttribute("role", "dialog");
    layer.setAttribute("aria-label", "模拟人脸核身");
    choices.forEach((choice, index) => {
      const button = document.createElement("button");
      button.textContent = choice;
      button.setAttribute("style", "font:inherit;padding:12px");
      button.onclick = () => {
        layer.remove();
        resolve(index);
      };
      layer.append(button);
    });
    document.body.append(layer);
  });
}
