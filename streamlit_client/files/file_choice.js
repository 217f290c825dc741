// The file stays on the user's disk until it is sent, and is then streamed from there.
const MB = 1024 * 1024
const choices = new WeakMap()

export default function ({ data, parentElement, setStateValue }) {
  if (!choices.has(parentElement)) choices.set(parentElement, begin(parentElement))
  const choice = choices.get(parentElement)
  choice.draw(data, setStateValue)
  return choice.leave
}

function begin(root) {
  const at = (selector) => root.querySelector(selector)
  const zone = at(".zone"), input = at("input"), course = at(".course"), bar = at("progress")
  let data, tell, file = null, sent = null, request = null

  function choose(chosen) {
    request?.abort()
    input.value = ""
    fail(chosen && refusal(chosen))
    file = chosen && !refusal(chosen) ? Object.assign(chosen, { id: randomId() }) : null
    sent = null
    tell("file", file && { id: file.id, name: file.name, size: file.size })
    show()
    sendIfTold()
  }

  function sendIfTold() {
    const { order } = data
    if (file && order && order.number !== sent && [null, file.id].includes(order.file)) send()
  }

  function refusal({ name, size }) {
    const suffix = name.includes(".") ? name.slice(name.lastIndexOf(".")).toLowerCase() : ""
    if (!data.suffixes.includes(suffix)) return data.words.wrong_kind
    return size > data.most_bytes ? data.words.too_large : null
  }

  function send() {
    const { number, path, key, form } = data.order
    sent = number
    fail(null)
    request = new XMLHttpRequest()
    request.upload.onprogress = ({ loaded, total }) => progress(loaded / total, `${sizeOf(loaded)} / ${sizeOf(total)}`)
    request.upload.onload = () => progress(null, data.words.reading)
    request.onload = request.onerror = ({ target }) => {
      const answer = read(target.responseText)
      if (!answer.id) fail(answer.sentence ?? data.words.broken, answer.is_worth_repeating ?? true)
      const { encodings, lines } = answer
      tell("refused", encodings?.length ? { file: file.id, encodings, lines } : null)
      end(answer.id && { file: file.id, id: answer.id })
    }
    request.onabort = () => end(null)
    request.open("POST", path)
    request.setRequestHeader("Idempotency-Key", key || file.id)
    request.send(multipart(form, file))
    progress(0, data.words.sending)
    tell("is_sending", true)
    show()
  }

  function end(stored) {
    request = null
    tell("is_sending", false)
    if (stored) tell("stored", stored)
    show()
  }

  function fail(sentence, isWorthRepeating = false) {
    at(".failure").textContent = sentence ?? ""
    at(".again").hidden = !isWorthRepeating
  }

  function progress(share, text) {
    if (share === null) bar.removeAttribute("value")
    else bar.value = share
    at(".so-far").textContent = text
  }

  function show() {
    at(".chosen").hidden = !file
    at(".name").textContent = file ? `${file.name} (${sizeOf(file.size)})` : ""
    course.hidden = !request
    input.disabled = !!request
    at(".remove").textContent = request ? data.words.stop : data.words.remove
  }

  input.onchange = () => choose(input.files[0] ?? null)
  for (const event of ["dragover", "dragleave", "drop"]) {
    zone.addEventListener(event, (drag) => {
      drag.preventDefault()
      zone.classList.toggle("over", event === "dragover")
      if (event === "drop" && drag.dataTransfer.files.length && !request) choose(drag.dataTransfer.files[0])
    })
  }
  at(".remove").onclick = () => { choose(null); input.focus() }
  at(".again").onclick = send

  return {
    leave() {
      tell = () => {}
      request?.abort()
    },
    draw(given, setStateValue) {
      data = given
      tell = setStateValue
      at("label").textContent = data.words.label
      at(".button").textContent = data.words.choose
      at(".hint").textContent = data.words.hint
      at(".again").textContent = data.words.again
      bar.ariaLabel = data.words.sending
      show()
      sendIfTold()
    },
  }
}

function multipart(fields, file) {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  form.append("file", file)
  return form
}

function read(text) {
  try { return JSON.parse(text) ?? {} } catch { return {} }
}

function sizeOf(bytes) {
  return bytes < MB ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / MB).toFixed(1)} MB`
}

// crypto.randomUUID exists only on secure pages.
function randomId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}
