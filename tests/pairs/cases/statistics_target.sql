create table t(a int, b int);
create statistics changed on a, b from t;
create statistics reset on a, b from t; alter statistics reset set statistics 5;
create statistics again (ndistinct) on a, b from t; alter statistics again set statistics 7;
-- becomes
create table t(a int, b int);
create statistics changed on a, b from t; alter statistics changed set statistics 100;
create statistics reset on a, b from t;
create statistics again (mcv) on a, b from t; alter statistics again set statistics 7;
create statistics made on a, b from t; alter statistics made set statistics 0;
