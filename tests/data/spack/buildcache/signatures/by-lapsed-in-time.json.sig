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

iIkEARYIADEWIQR7zHjfGoxK/D4gNNsMvMqXJovrdwUCZ3nLgBMcbGFwc2VkQGV4
YW1wbGUub3JnAAoJEAy8ypcmi+t3pogBAL/NpVPmguEVqA5en8SDRqORIhPY9zNc
icuakfSdMV0uAP99eRpz2e8zrwl29cn8ckcXVtshO5Rh2jvu2p564S38BA==
=Ukcv
-----END PGP SIGNATURE-----
