//! Files made word by word: what is read of them, and what breaks them.

use super::*;

/// A file of these objects, the first of which has the number 1.
fn of_objects(objects: &[String]) -> Vec<u8> {
    let objects = objects.iter().enumerate().map(|(at, object)| format!("{} 0 obj\n{object}\nendobj\n", at + 1));
    format!("%PDF-1.7\n{}trailer <</Root 1 0 R>>\n%%EOF\n", objects.collect::<String>()).into_bytes()
}

fn stream(dict: &str, content: &str) -> String {
    format!("<<{dict}/Length {}>>stream\n{content}\nendstream", content.len())
}

/// A file of one page with this content, a font of one byte, and more objects from number 5 on.
fn page(content: &str, font: &str, more: &[String]) -> Vec<u8> {
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1/Resources<</Font<</F1 ".to_owned() + font + ">>/XObject<</X 5 0 R>>>>>>",
        "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>".to_owned(),
        stream("", content),
    ];
    objects.extend_from_slice(more);
    of_objects(&objects)
}

const HELVETICA: &str = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";

fn text(bytes: &[u8]) -> String {
    read(bytes).pages.into_iter().map(|(number, text)| format!("{number}: {text}")).collect()
}

#[test]
fn text_is_put_down_as_it_stands_on_the_page() {
    // content, text
    let cases: &[(&str, &str)] = &[
        ("BT /F1 12 Tf 72 720 Td (Hello) Tj 0 -14 Td (World) Tj ET", "1: Hello\nWorld\n"),
        ("BT /F1 12 Tf 14 TL 72 720 Td (a) Tj T* (b) Tj (c) ' 1 2 (d) \" ET", "1: a\nb\nc\nd\n"),
        // Kerning parts no word, a gap does.
        ("BT /F1 12 Tf 72 720 Td [(Pat) 20 (ient) -300 (Name)] TJ ET", "1: Patient Name\n"),
        // Labels first, then values; what stands far apart is parted as columns are.
        (
            "BT /F1 10 Tf 72 700 Td (Name:) Tj 0 -20 Td (MRN:) Tj ET BT /F1 10 Tf 200 700 Td (Bremol) Tj 0 -20 Td (77) Tj ET",
            "1: Name:   Bremol\nMRN:   77\n",
        ),
        // By matrices, and bottom up.
        (
            "q 1 0 0 1 0 500 cm BT /F1 10 Tf 1 0 0 1 72 0 Tm (below) Tj 1 0 0 1 72 100 Tm (above) Tj ET Q",
            "1: above\nbelow\n",
        ),
        // Letter by letter, and twice for bold.
        ("BT /F1 10 Tf 1 0 0 1 72 0 Tm (a) Tj 1 0 0 1 77 0 Tm (b) Tj ET", "1: ab\n"),
        ("BT /F1 10 Tf 1 0 0 1 72 0 Tm (bold) Tj 1 0 0 1 72.3 0 Tm (bold) Tj ET", "1: bold\n"),
        // A picture in the content, and unseen text as OCR puts it there.
        ("BI /W 1 ID \x01(no) Tj\x02 EI BT 3 Tr /F1 10 Tf (unseen) Tj ET", "1: unseen\n"),
        ("BT /F1 10 Tf <48690a> Tj (\\101\\)) Tj ET", "1: Hi A)\n"),
        ("(never begun) Tj", ""),
        ("", ""),
    ];
    for (content, wanted) in cases {
        assert_eq!(text(&page(content, HELVETICA, &[])), *wanted, "{content}");
    }
}

#[test]
fn forms_fields_notes_and_files_are_read() {
    let more = [
        stream(
            "/Subtype/Form/Matrix[1 0 0 1 0 0]/Resources<</Font<</F1 <</Subtype/Type1>>>>>>",
            "BT /F1 9 Tf (in a form) Tj ET",
        ),
        "<</FT/Tx/T(Last name)/V<feff0042007200fc>>>".to_owned(),
        "<</Type/Annot/Subtype/Text/Contents(call back\\rsoon)>>".to_owned(),
        "<</Producer(x)/Title(Report of Bremol)>>".to_owned(),
        "<</Type/Filespec/F(a.csv)/EF<</F 10 0 R>>>>".to_owned(),
        stream("/Type/EmbeddedFile", "mrn,dob"),
        stream("/Type/Metadata/Subtype/XML", "<x>keep</x>"),
    ];
    let pdf = read(&page("/X Do", HELVETICA, &more));
    assert_eq!(pdf.pages, [(1, "in a form\n".to_owned())]);
    let texts: Vec<(&str, &str)> = pdf.texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let wanted = [
        ("form.txt", "Last name: Brü\n"),
        ("notes.txt", "call back\nsoon\n"),
        ("about.txt", "Title: Report of Bremol\n"),
        ("metadata.xml", "<x>keep</x>\n"),
    ];
    assert_eq!((texts.as_slice(), pdf.troubles.len()), (&wanted[..], 0));
    assert_eq!(pdf.files, [("a.csv".to_owned(), b"mrn,dob".to_vec())]);
}

#[test]
fn fonts_say_what_their_codes_stand_for_or_it_is_said() {
    let map = stream(
        "",
        "1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <0001> <001a> <0061> endbfrange",
    );
    let wide = "<</Subtype/Type0/Encoding/Identity-H/DescendantFonts[<</DW 500>>]/ToUnicode 5 0 R>>";
    assert_eq!(text(&page("BT /F1 9 Tf <000800050001> Tj ET", wide, &[map])), "1: hea\n");
    let named = "<</Subtype/Type1/Encoding<</Differences[1/H/i 9/uni0041]>>>>";
    assert_eq!(text(&page("BT /F1 9 Tf <010209> Tj ET", named, &[])), "1: HiA\n");
    // Nobody knows.
    let mute = "<</Subtype/Type0/Encoding/Identity-H/DescendantFonts[<</DW 500>>]>>";
    let pdf = read(&page("BT /F1 9 Tf <000800050001> Tj ET", mute, &[]));
    assert!(pdf.pages.is_empty());
    assert_eq!(
        pdf.troubles,
        ["page 1 of 1 is written in a font that does not say what its signs stand for, and was not looked into"]
    );
    let scan = read(&page("/X Do", HELVETICA, &[stream("/Subtype/Image/Filter/DCTDecode", "jpeg")]));
    assert_eq!(scan.troubles, ["page 1 of 1 is a picture without text, and was not looked into"]);
}

#[test]
fn what_is_encrypted_or_nothing_is_said() {
    let locked = "%PDF-1.7\n7 0 obj <</Filter/Standard/V 2>> endobj trailer <</Root 1 0 R/Encrypt 7 0 R>>";
    assert_eq!(read(locked.as_bytes()).troubles, ["it is encrypted: its text was not looked into"]);
    assert_eq!(read(b"%PDF-1.7 and more %%EOF").troubles, ["no page was found in it"]);
    assert_eq!(
        read(b"%PDF-1.7 and more").troubles,
        ["it is damaged or ends too early; what could be read was searched"]
    );
    assert!(is_pdf(b"\xef\xbb\xbf%PDF-1.4") && !is_pdf(b"PDF"));
}

#[test]
fn broken_and_hostile_files_end() {
    let whole = page(
        "BT /F1 12 Tf 72 720 Td [(Hello) -300 (World)] TJ ET /X Do",
        HELVETICA,
        &[stream("/Subtype/Form", "/X Do /X Do BT (a) Tj ET")],
    );
    for end in 0..whole.len() {
        read(&whole[..end]);
    }
    for at in 0..whole.len() {
        for bit in [0x01, 0x04, 0x20, 0x80] {
            let mut bytes = whole.clone();
            bytes[at] ^= bit;
            read(&bytes);
        }
    }
    // Forms in themselves, pages in themselves, ranges without end, states without end.
    let map = stream("", &"1 beginbfrange <0000> <FFFF> <0041> endbfrange ".repeat(20_000));
    let widths = format!("[{}]", "0 65535 500 ".repeat(20_000));
    let font = format!("<</Subtype/Type0/DescendantFonts[<</W {widths}>>]/ToUnicode 5 0 R>>");
    let cases: Vec<Vec<u8>> = vec![
        page("/X Do", HELVETICA, &[stream("/Subtype/Form", &"/X Do ".repeat(1_000))]),
        page(&"q ".repeat(500_000), HELVETICA, &[]),
        page(&"BT /F1 9 Tf <0041> Tj ET ".repeat(20_000), &font, &[map]),
        page(&"[".repeat(500_000), HELVETICA, &[]),
        page(&"BI ID ".repeat(100_000), HELVETICA, &[]),
        of_objects(&["<</Type/Catalog/Pages 2 0 R>>".to_owned(), "<</Kids[2 0 R 2 0 R]>>".to_owned()]),
        "1 0 obj<</Type/ObjStm/N 9999999/First 0/Length 2 0 R>>stream\n1 0 2 0 endstream ".repeat(20_000).into_bytes(),
        "/Encrypt ".repeat(500_000).into_bytes(),
        "1 0 obj ".repeat(300_000).into_bytes(),
        // Objects, texts and streams that are never closed; one that all others refer to.
        (0..30_000).map(|at| format!("{at} 0 obj<</A 1\n")).collect::<String>().into_bytes(),
        (0..30_000).map(|at| format!("{at} 0 obj(\n")).collect::<String>().into_bytes(),
        (0..50_000)
            .map(|at| format!("{at} 0 obj<</Type/ObjStm/N 1/First 4>>stream\n"))
            .collect::<String>()
            .into_bytes(),
        of_objects(
            &[vec![format!("[{}]", "0 ".repeat(150_000))], vec!["<</T 1 0 R/V 1 0 R>>".to_owned(); 2_000]].concat(),
        ),
        // A letter that stands for many.
        page(&"BT /F1 9 Tf <00410041> Tj ET ".repeat(20_000), WIDE, &[stream("", &long_letter())]),
    ];
    for bytes in cases {
        // Without limits some of these take minutes, or all memory there is.
        read(&bytes);
    }
}

#[cfg(feature = "archives")]
#[test]
fn packed_streams_and_objects_in_streams_are_read() {
    use std::io::Write;

    let packed = |content: &[u8]| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    };
    let content = packed(b"BT /F1 12 Tf 72 720 Td (packed) Tj ET");
    let inner = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1/Resources<</Font<</F1 <<>>>>>>>>",
        "<</Type/Page/Contents 4 0 R>>",
    ];
    let head = format!("1 0 2 {} 3 {} ", inner[0].len(), inner[0].len() + inner[1].len());
    let (first, objects) = (head.len(), head + &inner.concat());
    let objects = packed(objects.as_bytes());
    let mut bytes = b"%PDF-1.7\n4 0 obj <</Filter/FlateDecode/Length ".to_vec();
    bytes.extend(format!("{}>>stream\n", content.len()).into_bytes());
    bytes.extend(content);
    bytes.extend(
        format!(
            "\nendstream endobj 9 0 obj <</Type/ObjStm/N 3/First {first}/Filter[/FlateDecode]/Length {}>>stream\n",
            objects.len()
        )
        .into_bytes(),
    );
    bytes.extend(objects);
    bytes.extend(b"\nendstream endobj");
    assert_eq!(text(&bytes), "1: packed\n");
    // A bomb.
    let bomb = packed(&vec![b' '; 64 << 20]);
    let mut bytes =
        b"%PDF-1.7\n1 0 obj<</Type/Page/Contents 4 0 R>>endobj\n4 0 obj <</Filter/FlateDecode>>stream\n".to_vec();
    bytes.extend(bomb);
    bytes.extend(b"\nendstream endobj %%EOF");
    let pdf = read(&bytes);
    assert_eq!(pdf.troubles, ["it unpacks to more than is read: what comes behind was not looked into"]);
}

const WIDE: &str = "<</Subtype/Type0/Encoding/Identity-H/DescendantFonts[<</DW 500>>]/ToUnicode 5 0 R>>";

/// A map in which one code stands for twenty thousand letters.
fn long_letter() -> String {
    format!("1 beginbfchar <0041> <{}> endbfchar", "0062".repeat(20_000))
}

#[test]
fn what_is_left_out_is_said() {
    assert_eq!(
        text(&page("BT /F1 9 Tf <0041> Tj ET", WIDE, &[stream("", &long_letter())])),
        format!("1: {}\n", "b".repeat(16))
    );
    let limit = "it unpacks to more than is read: what comes behind was not looked into".to_owned();
    let letter = read(&page("BT /F1 9 Tf <0041> Tj ET", WIDE, &[stream("", &long_letter())]));
    assert_eq!(letter.troubles, std::slice::from_ref(&limit));
    let many = of_objects(&[
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        format!("<</Type/Pages/Kids[{}]>>", "3 0 R ".repeat(200_001)),
        "<</Type/Page>>".to_owned(),
    ]);
    let deep = of_objects(&["<</Type/Catalog/Pages 2 0 R>>".to_owned(), format!("{}1", "[".repeat(100))]);
    let long = of_objects(&["<</Type/Catalog>>".to_owned(), format!("<</Subject ({})>>", "a".repeat(100_000))]);
    for bytes in [many, deep, long] {
        assert!(read(&bytes).troubles.contains(&limit));
    }
    let filters = "/Filter[/AHx/AHx/AHx/AHx/AHx/AHx/AHx]";
    let packed = of_objects(&[
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Contents 4 0 R>>".to_owned(),
        stream(filters, "41"),
    ]);
    assert!(read(&packed).troubles.contains(&"it is packed in a way that is not read here".to_owned()));
    let lost = of_objects(&[
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page>>".to_owned(),
        "<</Type/Page>>".to_owned(),
        "<</Subtype/Stamp/AP<</N 3 0 R>>>>".to_owned(),
    ]);
    let troubles = read(&lost).troubles.join("; ");
    assert!(troubles.contains("leaves out 1") && troubles.contains("1 note is drawn"), "{troubles}");
}
