EXTRA_DIST += .ci/run contrib/check contrib/common.sh contrib/demo.py \
	contrib/install contrib/packages contrib/quickstart
