 "c d"; /* "c; /*/
-- renamed from: x
CREATE UNIQU INDEX i.e /*/