// Runs before the first paint, so that what needs scripts does not flash: see app.css, ".js".
document.documentElement.classList.add("js");
