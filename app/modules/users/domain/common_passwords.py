"""The passwords tried first, in lower case: the commonest long ones, and short ones that people repeat to get there."""

LONG = """
123456789012 1234567890123 12345678901234 123456789012345 1234567890123456 012345678901 098765432109 210987654321
123123123123 121212121212 112233445566 123412341234 123456123456 123456654321 1q2w3e4r5t6y 1qaz2wsx3edc
1qaz2wsx3edc4rfv 1q2w3e4r5t6y7u qwertyuiopas qwertyuiop123 qwertyuiop12 qwertyuiop[] qwertyuiopasdfgh
qwertyuiopasdfghjkl asdfghjkl123 asdfghjklzxcvbnm zxcvbnm12345 qazwsxedcrfv qazwsxedcrfvtgb qwerty123456 qwerty1234567
qwertyqwerty qwerty12345678 abcdefghijkl abcdefghijklm abcdefghijklmnop abcdefghijklmnopqrstuvwxyz abc123abc123
abcd12345678 a1b2c3d4e5f6 aa1234567890 password1234 password12345 password123456 password1234567 passwordpassword
password123password passw0rd1234 p@ssw0rd1234 p@ssword1234 mypassword123 mypassword1234 thisismypassword
passwordispassword administrator administrator1 admin1234567 administrator123 adminadminadmin admin123admin
letmeinletmein letmeinplease letmein123456 welcome12345 welcome123456 welcomewelcome iloveyou1234 iloveyou12345
iloveyouforever iloveyousomuch iloveyoubaby ilovemyfamily ilovejesus123 changemenow1 changeme1234 changeme123456
trustno1trustno1 sunshine1234 princess1234 football1234 baseball1234 superman1234 computer1234 jesuschrist1
jesusislord1 jesuslovesme manchesterunited liverpoolfc1 manutd123456 chelsea123456 monkey123456 dragon123456
master123456 shadow123456 michael12345 jennifer1234 christopher1 starwars1234 pokemon12345 whatever1234 unbelievable
relationship congratulations international correcthorse correcthorsebatterystaple nopassword12 nothing12345
secret123456 supersecret1 supersecret123 topsecret123 test12345678 testtesttest testing12345 guest1234567 default12345
qwe123qwe123 asd123asd123 zaq12wsxcde3 zaq1xsw2cde3 !qaz2wsx3edc 1234qwerasdf 1234qwerasdfzxcv q1w2e3r4t5y6
147258369147 159357159357 987654321987 111222333444 111111222222 000000111111 123321123321 456456456456
"""
SHORT = """
1234 12345 123456 1234567 12345678 123456789 1234567890 0123456789 qwerty qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm
qazwsx 1q2w3e 1q2w3e4r abc123 abcdef password passw0rd p@ssword p@ssw0rd admin letmein welcome iloveyou changeme
secret test guest dragon monkey master shadow sunshine princess football baseball superman trustno1 quartet
"""
PHRASES = (
    "correct horse battery",
    "let me in please",
    "this is my password",
    "password password",
    "i love you so much",
)

COMMON = frozenset(LONG.split()) | frozenset(SHORT.split()) | frozenset(PHRASES)
