"""The passwords that guessing programs try first: top of the lists of leaked passwords, of at least 8 characters.

Source: the overlap of the yearly "most common passwords" lists (NordPass, SplashData, UK NCSC).
"""

COMMON_PASSWORDS = frozenset(
    """
    12345678 123456789 1234567890 12345678910 0123456789 0987654321 987654321 87654321 11111111 00000000 88888888
    66666666 99999999 22222222 12341234 11223344 112233445566 1122334455 123123123 123321123 147258369 123654789
    789456123 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 q1w2e3r4 q1w2e3r4t5 zaq12wsx qazwsxedc qwertyui
    qwertyuiop qwerty12 qwerty123 qwerty1234 qwerty12345 qwer1234 asdfghjk asdfghjkl asdf1234 zxcvbnm1 zxcvbnm123
    asdfasdf asd123456 qwe123456 a1234567 a12345678 a123456789 aa123456 aa12345678 abc12345 abc123456 abcd1234
    abcdefgh abcd12345 abc123abc 1234abcd 123456ab 123456abc 1234567a 12345678a 123456789a 123456aa 123qweasd
    123qwe123 qweasdzxc qwe123qwe password password1 password2 password12 password123 password1234 password12345
    password! password1! password@123 passw0rd p@ssw0rd p@ssword p@ssw0rd1 p@ssw0rd123 pa$$w0rd pass1234 pass12345
    pass@123 passpass admin123 admin1234 admin12345 admin123456 admin@123 admin888 admin2024 admin2025 admin2026
    adminadmin administrator administrador root1234 root12345 root123456 rootroot toor1234 test1234 test12345
    testtest testing1 testing123 guest123 guest1234 user1234 user12345 username welcome1 welcome12 welcome123
    welcome@123 changeme changeme1 changeme123 default1 default123 letmein1 letmein12 letmein123 iloveyou iloveyou1
    iloveyou2 sunshine sunshine1 princess princess1 football football1 baseball baseball1 basketball superman
    superman1 batman123 starwars pokemon1 pokemon123 trustno1 trustno123 whatever whatever1 michelle jennifer
    jordan23 michael1 jessica1 charlie1 computer computer1 internet internet1 samsung1 samsung123 monkey12 monkey123
    dragon12 dragon123 master12 master123 shadow12 shadow123 killer12 liverpool chelsea1 arsenal1 barcelona
    google123 facebook facebook1 linkedin myspace1 minecraft fortnite secret12 secret123 letmeinn access14
    mustang1 corvette mercedes maverick midnight elephant butterfly chocolate cheese12 pepper12 ginger12 flower12
    monitor1 monitor12 monitor123 server123 server1234 zabbix123 nagios123 grafana1 grafana123 mysql123 mysql1234
    mariadb1 oracle123 cisco123 ubuntu123 debian123 centos123 linux123 vagrant1 raspberry
    woaini1314 woaini520 woaini123 5201314520 52013145 1314520520 520131400 a5201314 wang1234 zhang123 li123456
    """.split()
)
