//! Which of our languages suits a wanted one (RFC 4647 lookup, with a step sideways), and the
//! order that `Accept-Language` gives (RFC 9110 §12.5.4).

/// More languages than this in one header are not a person's wish.
const MOST_WISHES: usize = 32;

/// The place in `have` of the language that suits `want`: the same tag, then a shorter one
/// (`en-GB` -> `en`), then any of the same language (`pt` -> `pt-BR`, `zh-CN` -> `zh-Hans`).
pub(super) fn best(want: &str, have: &[&str]) -> Option<usize> {
    let mut tag = want.trim();
    loop {
        if let Some(at) = have.iter().position(|h| h.eq_ignore_ascii_case(tag)) {
            return Some(at);
        }
        match tag.rfind(['-', '_']) {
            Some(cut) => tag = tag.get(..cut)?,
            None => break,
        }
    }
    have.iter().position(|h| primary(h).eq_ignore_ascii_case(tag))
}

/// The best of `have` for an `Accept-Language` header. Same weight: the earlier one.
pub(super) fn accepted(header: &str, have: &[&str]) -> Option<usize> {
    let mut wishes: Vec<(u16, &str)> =
        header.split(',').take(MOST_WISHES).filter_map(wish).filter(|(weight, _)| *weight > 0).collect();
    wishes.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    wishes.into_iter().find_map(|(_, tag)| best(tag, have))
}

fn primary(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or(tag)
}

/// One wish: its weight in thousandths and its tag. `*` wishes for nothing in particular.
fn wish(part: &str) -> Option<(u16, &str)> {
    let mut pieces = part.split(';').map(str::trim);
    let tag = pieces.next().filter(|tag| !tag.is_empty() && *tag != "*")?;
    let weight = match pieces.next() {
        None => 1000,
        Some(text) => thousandths(text.strip_prefix("q=").or_else(|| text.strip_prefix("Q="))?)?,
    };
    Some((weight, tag))
}

/// `0.8` -> 800. Anything that is not a weight between 0 and 1 is no wish at all.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, rest) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    if rest.len() > 3 || !rest.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let rest: u16 = format!("{rest:0<3}").parse().ok()?;
    match whole {
        "0" => Some(rest),
        "1" if rest == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HAVE: [&str; 5] = ["ar", "de", "en", "pt-BR", "zh-Hans"];

    fn tag(at: Option<usize>) -> String {
        at.map(|at| HAVE[at].to_owned()).unwrap_or_default()
    }

    #[test]
    fn a_wanted_language_finds_its_nearest() {
        let cases = [
            ("de", "de"),
            ("DE", "de"),
            ("en-GB", "en"),
            ("de-Latn-AT", "de"),
            ("pt", "pt-BR"),
            ("pt-PT", "pt-BR"),
            ("zh-CN", "zh-Hans"),
            ("zh_Hans_SG", "zh-Hans"),
            ("fr", ""),
            ("", ""),
            ("-", ""),
        ];
        for (want, expected) in cases {
            assert_eq!(tag(best(want, &HAVE)), expected, "{want:?}");
        }
    }

    #[test]
    fn the_header_is_read_by_weight() {
        let cases = [
            ("de, en", "de"),
            ("fr, en;q=0.5, de;q=0.8", "de"),
            ("fr;q=1.0, en;q=0.001", "en"),
            ("de;q=0, en", "en"),
            ("en;q=0.8, de;q=0.8", "en"),
            ("*, de;q=0.1", "de"),
            ("en;q=2, de;q=0.2", "de"),
            ("en;q=0.1234, ar", "ar"),
            ("en;level=1", ""),
            ("fr, *", ""),
            ("", ""),
        ];
        for (header, expected) in cases {
            assert_eq!(tag(accepted(header, &HAVE)), expected, "{header:?}");
        }
    }
}
