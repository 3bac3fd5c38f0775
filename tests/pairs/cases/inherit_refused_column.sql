-- not supported
create table p(a int); create table c(a int, b int);
-- becomes
create table p(a int); create table c(b int) inherits (p);
