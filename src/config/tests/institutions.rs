//! What entries of institutions say that cannot be meant.

use super::problems;

fn entry(suffix: &str, more: &str) -> String {
    format!("[[provider]]\nsuffix = \"{suffix}\"\nname = \"N\"\nurl = \"https://cas.{suffix}\"\n{more}\n")
}

/// The codes of what is told, with their places.
fn codes(text: &str) -> String {
    let told = problems(&[("providers.d/a.toml", text)]);
    let told = told.iter().filter(|problem| problem.code != Some("W020"));
    let codes = told.map(|p| format!("{} {}:{}", p.code.unwrap_or("error"), p.line, p.column));
    codes.collect::<Vec<_>>().join(", ")
}

#[test]
fn plain_http_is_for_this_machine() {
    let at = |url: &str| codes(&entry("north.example", "").replace("https://cas.north.example", url));
    for (url, expected) in [
        ("http://cas.north.example", "W026 4:7"),
        ("http://cas.north.example:8080/cas", "W026 4:7"),
        ("HTTP://cas.north.example/cas", "W026 4:7"),
        ("http://10.0.0.1/cas", "W026 4:7"),
        ("http://localhost.north.example", "W026 4:7"),
        ("https://cas.north.example", ""),
        ("http://127.0.0.1:8091/cas", ""),
        ("http://[::1]:8091/cas", ""),
        ("http://localhost:8091/cas", ""),
    ] {
        assert_eq!(at(url), expected, "{url}");
    }
    let main = format!("{}[check]\nallow = [\"W020\", \"W026\"]\n", super::LEAST);
    let plain = entry("north.example", "").replace("https:", "http:");
    assert!(problems(&[("passerelle.toml", &main), ("providers.d/a.toml", &plain)]).is_empty());
}
