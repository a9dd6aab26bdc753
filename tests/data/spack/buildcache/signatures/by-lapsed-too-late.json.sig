-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

{
"answer":42,
"dashes":[
- -1,
- -2
]
}
-----BEGIN PGP SIGNATURE-----

iIkEARYIADEWIQR7zHjfGoxK/D4gNNsMvMqXJovrdwUCZ51kABMcbGFwc2VkQGV4
YW1wbGUub3JnAAoJEAy8ypcmi+t3I/QA/jH8rSdGxwZ1icajv3GglHzog0D26XSN
qKmy/wLE6ZpBAQDx27G/jjfEGTDIUp3+hwAdpEUEQkLJasSj4tzJ/638Bg==
=pASm
-----END PGP SIGNATURE-----
