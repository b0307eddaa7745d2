//! Tables of targets.

use super::*;

#[test]
fn targets_are_read_and_written() {
    let cases = [
        // written, name, service
        ("tls://pacs.example.org", "tls://pacs.example.org:443", Service::Http),
        ("TLS://Pacs.example.org:2762", "tls://pacs.example.org:2762", Service::Dicom),
        ("https://h/fhir/", "https://h:443/fhir", Service::Http),
        ("dicoms://10.0.0.1", "dicoms://10.0.0.1:2762", Service::Dicom),
        ("mllps://[::1]:6000", "mllps://[::1]:6000", Service::Mllp),
        ("postgresql://db", "postgresql://db:5432", Service::Postgres),
        ("xmpp-server://h", "xmpp-server://h:5269", Service::Xmpp),
        ("tls://xn--mller-kva.example", "tls://xn--mller-kva.example:443", Service::Http),
        ("tls://München.example:1", "tls://xn--mnchen-3ya.example:1", Service::Other),
    ];
    for (written, name, service) in cases {
        let target = EndpointTarget::parse(written).unwrap_or_else(|error| panic!("{written}: {error}"));
        assert_eq!((target.name().as_str(), target.service), (name, service), "{written}");
    }
}

#[test]
fn what_is_no_endpoint_is_refused_without_its_password() {
    let long = format!("tls://{}", "a".repeat(254));
    let cases = [
        "tls://",
        "tls://h:0",
        "tls://h:65536",
        "tls://h:x",
        "tls://[::1",
        "tls://[h]:1",
        "tls://[::1]x",
        "tls://h/path",
        "mllps://h",
        "https://u:hush@h",
        "https://h/?token=hush",
        "https://h/#hush",
        "tls://a b",
        "tls://::1",
        "tls://h\u{e9}e\u{301}",
        long.as_str(),
    ];
    for case in cases {
        let error = EndpointTarget::parse(case).expect_err(case).to_string();
        assert!(!error.contains("hush"), "{error}");
    }
}

#[test]
fn a_file_of_targets_says_who_owns_them() {
    let text = "# all of them\n\ndicom://pacs:11112 owner=radiology profile=device ca=ca.pem # old\ntls://h\n";
    let targets = EndpointTarget::parse_lines(text).unwrap_or_else(|(line, error)| panic!("{line}: {error}"));
    assert_eq!(targets.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 4]);
    let targets: Vec<EndpointTarget> = targets.into_iter().map(|(_, target)| target).collect();
    assert_eq!(targets[0].owner.as_deref(), Some("radiology"));
    assert!(targets[0].device && targets[0].ca.is_some() && !targets[1].device);
    for (text, line) in [
        ("tls://h\nnonsense\n", 2),
        ("tls://h profile=x", 1),
        ("tls://h what", 1),
        ("tls://h sni=10.0.0.1", 1),
        ("tls://h sni=", 1),
        ("tls://h key=k.pem", 1),
    ] {
        assert_eq!(EndpointTarget::parse_lines(text).map_err(|(line, _)| line), Err(line), "{text}");
    }
}

#[test]
fn the_name_that_is_asked_for_may_be_another() {
    let text = "tls://10.0.0.1:443 sni=M\u{fc}nchen.example cert=c.pem key=k.pem\ntls://10.0.0.1\ntls://h\n";
    let targets = EndpointTarget::parse_lines(text).unwrap_or_else(|(line, error)| panic!("{line}: {error}"));
    let names = |target: &EndpointTarget| (target.server_name().map(str::to_owned), target.expected_name().to_owned());
    let munich = "xn--mnchen-3ya.example";
    assert_eq!(names(&targets[0].1), (Some(munich.into()), munich.into()));
    assert_eq!(names(&targets[1].1), (None, "10.0.0.1".into()));
    assert_eq!(names(&targets[2].1), (Some("h".into()), "h".into()));
    assert_eq!(targets[0].1.client_files, (Some("c.pem".into()), Some("k.pem".into())));
}

#[test]
fn a_wrong_host_says_how_it_is_written() {
    for (text, why) in [
        ("tls://::1", "brackets"),
        ("tls://fe80::1:443", "brackets"),
        ("tls://[fe80::1%eth0]:443", "zone"),
        ("tls://[fe80::1%25eth0]", "zone"),
        ("tls://m\u{fc}ller.e\u{301}", "xn--"),
        ("tls://h:99999999999", "65535"),
    ] {
        let error = EndpointTarget::parse(text).expect_err(text).to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn a_list_has_an_end() {
    let text = "tls://h\n".repeat(MOST);
    assert_eq!(EndpointTarget::parse_lines(&text).map(|targets| targets.len()).ok(), Some(MOST));
    assert_eq!(EndpointTarget::parse_lines(&format!("#\n{text}tls://h\n")).map_err(|(line, _)| line), Err(MOST + 2));
}
