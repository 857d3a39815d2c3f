use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// An element: tag, and what is in it.
fn ber(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    match u8::try_from(content.len()) {
        Ok(length @ 0..128) => bytes.push(length),
        _ => {
            bytes.push(0x84);
            bytes.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
        }
    }
    bytes.extend(content);
    bytes
}

fn message(said: &[u8]) -> Vec<u8> {
    ber(0x30, &[&[2, 1, 7], said].concat())
}

/// A message with so many levels, itself and what it says among them.
fn levels(count: usize) -> Vec<u8> {
    let inside = (0..count - 2).fold(Vec::new(), |inside, _| ber(0x30, &inside));
    message(&ber(0x64, &inside))
}

/// How many messages there are, and how it ends: with a message, in one, or with something odd.
fn verdict<'b>(chunks: impl IntoIterator<Item = &'b [u8]>) -> (usize, usize, Result<bool, Odd>) {
    let (mut frames, mut messages, mut elements) = (Frames::default(), 0, 0);
    for chunk in chunks {
        let mut rest = chunk;
        while !rest.is_empty() {
            match frames.take(rest) {
                Ok(taken) => {
                    assert!(taken.bytes > 0 && taken.bytes <= rest.len());
                    rest = &rest[taken.bytes..];
                    messages += usize::from(frames.is_between());
                    elements += usize::try_from(taken.elements).unwrap();
                    assert!(rest.is_empty() || frames.is_between(), "it stops at ends only");
                }
                // How many were before in the same part is nobody's business.
                Err(odd) => return (messages, 0, Err(odd)),
            }
            assert!(frames.open.len() <= MOST_LEVELS);
        }
    }
    (messages, elements, Ok(frames.is_between()))
}

fn whole(bytes: &[u8]) -> Result<bool, Odd> {
    verdict([bytes]).2
}

#[test]
fn answers_of_directories() {
    let done = message(&ber(0x65, &[0x0a, 1, 0, 4, 0, 4, 0]));
    let value = ber(0x04, b"ada");
    let attribute = ber(0x30, &[ber(0x04, b"uid"), ber(0x31, &value)].concat());
    let entry = message(&ber(0x64, &[ber(0x04, b"uid=ada"), ber(0x30, &attribute)].concat()));
    let control = ber(0xa0, &ber(0x30, &ber(0x04, b"1.2.840.113556.1.4.319")));
    let controlled = message(&[ber(0x65, &[0x0a, 1, 0, 4, 0, 4, 0]), control].concat());
    // Lengths may have octets that they do not need, as those of Active Directory do.
    let padded = [&[0x30, 0x84, 0, 0, 0, 0x10, 2, 1, 1, 0x61, 0x84, 0, 0, 0, 7][..], &done[7..]].concat();
    // The name of a notice stands where controls should (Active Directory).
    let notice =
        ber(0x30, &[&[2, 1, 0][..], &ber(0x78, &[0x0a, 1, 52, 4, 0, 4, 0]), &ber(0x8a, b"1.3")].concat());
    for (bytes, elements) in [(&done, 6), (&entry, 9), (&controlled, 9), (&padded, 6), (&notice, 7)] {
        assert_eq!(verdict([bytes.as_slice()]), (1, elements, Ok(true)), "{bytes:x?}");
        for at in 1..bytes.len() {
            assert_eq!(whole(&bytes[..at]), Ok(false), "{bytes:x?} to {at}");
        }
    }
    assert_eq!(verdict([[done, entry, controlled].concat().as_slice()]), (3, 24, Ok(true)));
    assert_eq!(verdict([]), (0, 0, Ok(true)));
}

#[test]
fn what_is_no_message() {
    let long_number = ber(0x30, &[&[2, 5, 0, 0, 0, 0, 1][..], &[0x65, 0]].concat());
    let fourth = message(&[&[0x65, 0][..], &[0xa0, 0], &[0xa0, 0]].concat());
    for (bytes, odd) in [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".as_slice(), Odd::NoMessage),
        (b"\0", Odd::NoMessage),
        (b"\x16\x03\x01", Odd::NoMessage),
        (b"\x31\x05\x02\x01\x01\x65\x00", Odd::NoMessage),
        (b"\x30\x00", Odd::NoMessage),
        (b"\x30\x03\x02\x01\x01", Odd::NoMessage),
        (b"\x30\x02\x65\x00", Odd::NoMessage),
        (b"\x30\x04\x02\x00\x65\x00", Odd::NoMessage),
        (&long_number, Odd::NoMessage),
        (&fourth, Odd::NoMessage),
        (b"\x30\x05\x02\x01\x01\x30\x00", Odd::NoMessage),
        // A question, and the answer to one that we never ask.
        (b"\x30\x05\x02\x01\x01\x60\x00", Odd::NoMessage),
        (b"\x30\x05\x02\x01\x01\x67\x00", Odd::NoMessage),
        (b"\x30\x05\x02\x01\x01\x44\x00", Odd::NoMessage),
        (b"\x30\x07\x02\x01\x01\x65\x00\x04\x00", Odd::NoMessage),
        (b"\x30\x07\x02\x01\x01\x7f\x81\x01\x00", Odd::NoMessage),
        (b"\x30\x07\x02\x01\x01\x65\x02\x1f\x00", Odd::NoMessage),
        (b"\x30\x80", Odd::Indefinite),
        (b"\x30\x05\x02\x01\x01\x65\x80", Odd::Indefinite),
        (b"\x30\x09\x02\x01\x01\x65\x04\x24\x80\x00\x00", Odd::Indefinite),
        (b"\x30\x85\x00\x00\x00\x00\x05", Odd::LongLength),
        (b"\x30\x88", Odd::LongLength),
        (b"\x30\xff", Odd::LongLength),
        (b"\x30\x09\x02\x01\x01\x65\x85", Odd::LongLength),
        (b"\x30\x84\x7f\xff\xff\xff", Odd::Large),
        (b"\x30\x84\xff\xff\xff\xff", Odd::Large),
        (b"\x30\x84\x00\x80\x00\x00", Odd::Large),
        (b"\x30\x02\x02\x01", Odd::Overrun),
        (b"\x30\x05\x02\x01\x01\x65\x01", Odd::Overrun),
        (b"\x30\x05\x02\x01\x01\x65\x84\x00", Odd::Overrun),
        (b"\x30\x06\x02\x01\x01\x65\x82\x01\x00", Odd::Overrun),
        (b"\x30\x07\x02\x01\x01\x65\x02\x04\x01", Odd::Overrun),
        (b"\x30\x07\x02\x01\x01\x65\x01\x04\x00", Odd::Overrun),
        (b"\x30\x0b\x02\x01\x01\x65\x06\x04\x84\xff\xff\xff\xff", Odd::Overrun),
    ] {
        for at in 0..bytes.len() {
            let early = whole(&bytes[..at]);
            assert!(early == Err(odd) || early == Ok(at == 0), "{bytes:x?} to {at}: {early:?}");
        }
        assert_eq!(whole(bytes), Err(odd), "{bytes:x?}");
    }
}

#[test]
fn the_largest_message() {
    let head = |length: u32| [&[0x30, 0x84][..], &length.to_be_bytes()].concat();
    assert_eq!(whole(&head(MOST_BYTES - 6)), Ok(false));
    assert_eq!(whole(&head(MOST_BYTES - 5)), Err(Odd::Large));
    // Three headers of six bytes, and the number.
    let all = usize::try_from(MOST_BYTES).unwrap();
    let most = message(&ber(0x64, &ber(0x04, &vec![b'x'; all - 21])));
    assert_eq!(most.len(), all);
    assert_eq!(verdict([most.as_slice()]), (1, 4, Ok(true)));
}

#[test]
fn the_deepest_message() {
    assert_eq!(whole(&levels(MOST_LEVELS)), Ok(true));
    assert_eq!(whole(&levels(MOST_LEVELS + 1)), Err(Odd::Deep));
    assert_eq!(whole(&levels(2000)), Err(Odd::Deep));
}

#[test]
fn the_most_elements() {
    // The message, its number, and what it says are three.
    let many = |count: usize| message(&ber(0x64, &[4, 0].repeat(count)));
    let most = usize::try_from(MOST_ELEMENTS).unwrap();
    assert_eq!(whole(&many(most - 3)), Ok(true));
    assert_eq!(whole(&many(most - 2)), Err(Odd::Many));
    // Of each message, not of all.
    let twice = many(most - 3).repeat(2);
    assert_eq!(verdict([twice.as_slice()]), (2, most * 2, Ok(true)));
}

/// The same question asked of a whole message, by recursion.
fn reads(bytes: &[u8], level: usize) -> Option<&[u8]> {
    let (&[tag, first], rest) = bytes.split_first_chunk::<2>()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (octets, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (octets.iter().fold(0, |all, octet| all << 8 | usize::from(*octet)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    if tag & 0x1f == 0x1f {
        return None;
    }
    if tag & 0x20 != 0 {
        let mut inside = content;
        while !inside.is_empty() {
            inside = reads(inside, level + 1)?;
        }
        return (level <= MOST_LEVELS).then_some(rest);
    }
    Some(rest)
}

/// Bytes that are messages, or nearly.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let tag =
        prop_oneof![Just(0x04_u8), Just(0x30), Just(0x31), Just(0x65), Just(0xa0), Just(0x02), any::<u8>()];
    let leaf = vec(any::<u8>(), 0..6).boxed();
    let inside = leaf.prop_recursive(18, 60, 4, move |inner| {
        vec((tag.clone(), inner), 0..4)
            .prop_map(|parts| parts.iter().flat_map(|(tag, content)| ber(*tag, content)).collect())
    });
    let one = inside.prop_map(|inside| message(&ber(0x64, &inside)));
    let edit = (any::<prop::sample::Index>(), any::<u8>());
    (vec(one, 1..4), vec(edit, 0..3)).prop_map(|(messages, edits)| {
        let mut bytes = messages.concat();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    })
}

proptest! {
    #[test]
    fn parts_are_as_the_whole(bytes in nearly(), cuts in vec(any::<prop::sample::Index>(), 0..8)) {
        let whole = verdict([bytes.as_slice()]);
        prop_assert_eq!(&verdict(bytes.chunks(1)), &whole);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        prop_assert_eq!(&verdict(cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]])), &whole);
    }

    #[test]
    fn what_passes_can_be_read(bytes in nearly()) {
        let mut frames = Frames::default();
        let mut rest = bytes.as_slice();
        while let Ok(taken) = frames.take(rest) {
            if !frames.is_between() || taken.bytes == 0 {
                break;
            }
            let behind = reads(rest, 1);
            prop_assert_eq!(behind, Some(&rest[taken.bytes..]));
            let Ok((left, _)) = ldap3::asn1::parse_tag(rest) else { panic!("the library reads it, too") };
            prop_assert_eq!(left, &rest[taken.bytes..]);
            rest = &rest[taken.bytes..];
        }
    }

    #[test]
    fn anything_at_all(bytes in vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(verdict([bytes.as_slice()]), verdict(bytes.chunks(1)));
    }
}
