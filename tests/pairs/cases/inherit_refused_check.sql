-- not supported
create table p(a int, constraint k check (a > 1)); create table c() inherits (p);
-- becomes
create table p(a int, constraint k check (a > 1)); create table c(constraint k check (a > 1)) inherits (p);
