//! Makes a pattern of the second engine one of the first that fits at least the same texts.
//!
//! What stands beside a text without being part of it goes: looking ahead or behind always succeeds. A
//! back-reference fits anything. Groups that never take back become plain ones. So whatever the exact
//! pattern fits, the relaxed one fits too, and what holds for all texts of the relaxed pattern holds for
//! the exact one: that its hosts are known, or that an address does not belong to it.

/// The relaxed pattern. `None` where something is in the pattern that is not known here; whatever else
/// differs between the engines is refused by the first when it is compiled.
pub fn relaxed(source: &str) -> Option<String> {
    let mut reader = Reader { rest: source, out: String::with_capacity(source.len()) };
    reader.read()?;
    Some(reader.out)
}

struct Reader<'s> {
    rest: &'s str,
    out: String,
}

/// Beginnings of groups that stand beside the text.
const BESIDE: [&str; 4] = ["(?=", "(?!", "(?<=", "(?<!"];
/// What takes the place of a back-reference.
const ANYTHING: &str = "(?s:.*)";

impl Reader<'_> {
    fn read(&mut self) -> Option<()> {
        while let Some(c) = self.rest.chars().next() {
            match c {
                '\\' => self.escape()?,
                '[' => {
                    let class = class(self.rest)?;
                    self.keep(class);
                }
                '(' => self.group()?,
                _ => self.keep(c.len_utf8()),
            }
        }
        Some(())
    }

    /// The next bytes stay as they are.
    fn keep(&mut self, bytes: usize) {
        let (kept, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.out.push_str(kept);
        self.rest = rest;
    }

    /// In place of the next bytes stands something else.
    fn replace(&mut self, bytes: usize, by: &str) {
        self.out.push_str(by);
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn escape(&mut self) -> Option<()> {
        let next = self.rest.chars().nth(1)?;
        match next {
            '1'..='9' => {
                let digits = self.rest.chars().skip(1).take_while(char::is_ascii_digit).count();
                self.replace(1 + digits, ANYTHING);
            }
            'k' => {
                let end = self.rest.find('>')?;
                self.replace(end + 1, ANYTHING);
            }
            // Calls of groups, and what moves the beginning of a match.
            'g' | 'K' | 'G' => return None,
            _ => self.keep(1 + next.len_utf8()),
        }
        Some(())
    }

    fn group(&mut self) -> Option<()> {
        if BESIDE.iter().any(|start| self.rest.starts_with(start)) {
            let end = closing(self.rest)?;
            self.replace(end + 1, "(?:)");
            return Some(());
        }
        if self.rest.starts_with("(?>") {
            self.replace(3, "(?:");
            return Some(());
        }
        if self.rest.starts_with("(?P=") {
            let end = self.rest.find(')')?;
            self.replace(end + 1, ANYTHING);
            return Some(());
        }
        let named = self.rest.starts_with("(?P<") || self.rest.starts_with("(?<");
        if let Some(flags) = self.rest.strip_prefix("(?").filter(|_| !named) {
            let end = flags.find([':', ')'])?;
            let flags = flags.get(..end)?;
            // In verbose mode comments may hold brackets; other words are groups that are not known here.
            if !flags.chars().all(|c| "imsU-".contains(c)) {
                return None;
            }
        }
        self.keep(1);
        Some(())
    }
}

/// The place of the bracket that closes the group at the beginning.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(c) = text.get(at..)?.chars().next() {
        match c {
            '\\' => at += text.get(at + 1..)?.chars().next()?.len_utf8(),
            '[' => at += class(text.get(at..)?)? - 1,
            '(' => depth += 1,
            ')' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
        at += c.len_utf8();
    }
    None
}

/// How long the class at the beginning is, with its brackets.
pub(super) fn class(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut first = false;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => {
                depth += 1;
                first = true;
                continue;
            }
            '^' if first => continue,
            // A bracket at the beginning of a class stands for itself.
            ']' if first => {}
            ']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        first = false;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_relaxed() {
        for (source, expected) in [
            ("abc", Some("abc")),
            ("^(?!x)a", Some("^(?:)a")),
            (r"^(?!x(y|\))[)])https://a\.b/", Some(r"^(?:)https://a\.b/")),
            (r"a(?<=b)(?<!c)(?=d)e", Some("a(?:)(?:)(?:)e")),
            (r"(a)\1+", Some("(a)(?s:.*)+")),
            (r"(?P<n>a)\k<n>(?P=n)", Some("(?P<n>a)(?s:.*)(?s:.*)")),
            (r"(?<n>a)\12x", Some("(?<n>a)(?s:.*)x")),
            (r"(?>ab|c)(?i:x)(?s-i)y", Some("(?:ab|c)(?i:x)(?s-i)y")),
            (r"[^](?=a)]\(?=a)", Some(r"[^](?=a)]\(?=a)")),
            (r"[](?=a)]x(?=a)", Some(r"[](?=a)]x(?:)")),
            (r"[[:alpha:](?!]x", Some(r"[[:alpha:](?!]x")),
            (r"\\(?=a)", Some(r"\\(?:)")),
            (r"(?x)a # (?=", None),
            (r"(a)(?(1)b|c)", None),
            (r"(?#x)a", None),
            (r"(?~a)", None),
            (r"a\Kb", None),
            (r"(a)\g<1>", None),
            ("(?=a", None),
            (r"a\", None),
            ("[a", None),
        ] {
            assert_eq!(relaxed(source).as_deref(), expected, "{source}");
        }
    }
}
