//! What stands behind an `@`, in names and in values: which of it an institution may say.

use super::name::has_unseen;

/// The name without the scope that its institution writes behind it, if that is one of these: no other is
/// cut off, none below one, and one at the most. Case does not count.
pub fn without_scope<'n>(name: &'n str, scopes: &[String]) -> &'n str {
    match name.rsplit_once('@') {
        Some((front, scope)) if scopes.iter().any(|own| lower(own) == lower(scope)) => front,
        _ => name,
    }
}

/// Whether a value is something, an `@`, and one of these scopes or one below. Case of the scope does not count.
///
/// A value with another `@`, or one that somebody could take for a list or for less than it is, is of no scope:
/// services would look at another part of it than we did.
pub fn is_in_scope(value: &str, scopes: &[String]) -> bool {
    let Some((front, scope)) = value.split_once('@') else { return false };
    if front.is_empty() || front.contains(parts_values) || has_unseen(front) {
        return false;
    }
    // Only letters, digits, `.`, `-` and `_` pass here: no second `@` either.
    let scope = lower(scope);
    scopes.iter().any(|own| scope.strip_suffix(lower(own).as_str()).is_some_and(is_below))
}

/// What stands before a domain: nothing, or labels with a dot behind each. Anything else would be one domain
/// to us and another one to whoever takes the value apart.
fn is_below(front: &str) -> bool {
    let is_label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    front.is_empty() || front.strip_suffix('.').is_some_and(|labels| labels.split('.').all(is_label))
}

/// Signs that part a value from the next one, or frame a list of them.
fn parts_values(c: char) -> bool {
    c.is_whitespace() || ",;()<>[]{}".contains(c)
}

fn lower(scope: &str) -> String {
    scope.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(list: &[&str]) -> Vec<String> {
        list.iter().map(|&scope| scope.to_owned()).collect()
    }

    #[test]
    fn exactly_one_scope_is_cut_off() {
        let own = scopes(&["north.example", "alumni.north.example"]);
        for (name, left) in [
            ("ana@north.example", "ana"),
            ("ana@NORTH.Example", "ana"),
            ("Ana@alumni.north.example", "Ana"),
            ("ana", "ana"),
            ("ana@med.north.example", "ana@med.north.example"),
            ("ana@xnorth.example", "ana@xnorth.example"),
            ("ana@north.example.", "ana@north.example."),
            ("ana@north.example@north.example", "ana@north.example"),
            ("ana@south.example@north.example", "ana@south.example"),
            ("@north.example", ""),
            ("north.example", "north.example"),
            ("ana@", "ana@"),
        ] {
            assert_eq!(without_scope(name, &own), left, "{name}");
        }
        assert_eq!(without_scope("ana@north.example", &[]), "ana@north.example");
    }

    #[test]
    fn a_value_is_of_a_scope_or_of_one_below() {
        let own = scopes(&["North.example", "north-alumni.example"]);
        for (value, is_in) in [
            ("ana@north.example", true),
            ("ana@NORTH.EXAMPLE", true),
            ("staff@med.north.example", true),
            ("staff@a-1.Med.north.example", true),
            ("staff@north-alumni.example", true),
            ("O'Neill+x=1/DN.x@north.example", true),
            ("\u{e9}l\u{e8}ve@north.example", true),
            ("x@south.example@north.example", false),
            ("x@@north.example", false),
            ("@north.example", false),
            ("north.example", false),
            ("a@south.example,b@north.example", false),
            ("a,b@north.example", false),
            ("a;b@north.example", false),
            ("[a, b@north.example", false),
            ("[b@north.example", false),
            ("[b@north.example]", false),
            ("<b@north.example", false),
            ("{b@north.example", false),
            ("a b@north.example", false),
            (" b@north.example", false),
            ("a\u{a0}b@north.example", false),
            ("a\nb@north.example", false),
            ("a\0@north.example", false),
            ("a\u{200b}@north.example", false),
            ("a\u{202e}b@north.example", false),
            ("staff", false),
            ("", false),
            ("staff@", false),
            ("staff@example", false),
            ("staff@south.example", false),
            ("ana@north.example@south.example", false),
            ("staff@xnorth.example", false),
            ("staff@north.example.evil.example", false),
            ("staff@.north.example", false),
            ("staff@a..north.example", false),
            ("staff@south.example/.north.example", false),
            ("staff@south.example .north.example", false),
            ("staff@north.example ", false),
            ("staff@north.example\n", false),
            ("staff@north.example.", false),
        ] {
            assert_eq!(is_in_scope(value, &own), is_in, "{value:?}");
        }
        assert!(!is_in_scope("ana@north.example", &[]));
    }
}
