// SPDX-License-Identifier: GPL-2.0
/* The device's cipher: AES-GCM for ESP (RFC 4106), in place. The device's lock is held in both directions. */
#include <crypto/aead.h>
#include <linux/scatterlist.h>

#include "esim.h"

int esim_crypt_init(struct esim_sa *s)
{
	const struct xfrm_algo_aead *algorithm = s->x->aead;
	int error;

	s->aead = crypto_alloc_aead("rfc4106(gcm(aes))", 0, CRYPTO_ALG_ASYNC);
	if (IS_ERR(s->aead)) {
		error = PTR_ERR(s->aead);
		s->aead = NULL;
		return error;
	}
	error = crypto_aead_setkey(s->aead, algorithm->alg_key, (algorithm->alg_key_len + 7) / 8);
	if (!error)
		error = crypto_aead_setauthsize(s->aead, ESP_ICV);
	if (!error) {
		s->request = aead_request_alloc(s->aead, GFP_KERNEL);
		error = s->request ? 0 : -ENOMEM;
	}
	if (error)
		esim_crypt_exit(s);
	return error;
}

void esim_crypt_exit(struct esim_sa *s)
{
	if (s->request)
		aead_request_free(s->request);
	if (s->aead)
		crypto_free_aead(s->aead);
	s->request = NULL;
	s->aead = NULL;
}

static struct aead_request *prepare(struct esim_sa *s, struct scatterlist *sg, u8 *esp,
				    unsigned int length, unsigned int crypted, u64 sequence)
{
	unsigned int header = ESP_HEADER;

	memcpy(s->aad, esp, 4);
	if (s->x->props.flags & XFRM_STATE_ESN) {
		*(__be32 *)(s->aad + 4) = htonl(sequence >> 32);
		memcpy(s->aad + 8, esp + 4, 4);
		header += 4;
	} else {
		memcpy(s->aad + 4, esp + 4, 4);
	}
	memcpy(s->aad + header, esp + ESP_HEADER, ESP_IV);
	sg_init_table(sg, 2);
	sg_set_buf(&sg[0], s->aad, header + ESP_IV);
	sg_set_buf(&sg[1], esp + ESP_HEADER + ESP_IV, length - ESP_HEADER - ESP_IV);
	aead_request_set_callback(s->request, 0, NULL, NULL);
	aead_request_set_crypt(s->request, sg, sg, crypted, s->aad + header);
	aead_request_set_ad(s->request, header + ESP_IV);
	return s->request;
}

int esim_encrypt(struct esim_sa *s, u8 *esp, unsigned int length, u64 sequence)
{
	struct scatterlist sg[2];
	__be64 iv = cpu_to_be64(sequence);

	if (!s->aead || length < ESP_HEADER + ESP_IV + ESP_ICV)
		return -EINVAL;
	memcpy(esp + ESP_HEADER, &iv, ESP_IV);
	return crypto_aead_encrypt(prepare(s, sg, esp, length,
					   length - ESP_HEADER - ESP_IV - ESP_ICV, sequence));
}

int esim_decrypt(struct esim_sa *s, u8 *esp, unsigned int length, u64 sequence)
{
	struct scatterlist sg[2];

	if (!s->aead || length < ESP_HEADER + ESP_IV + ESP_ICV)
		return -EINVAL;
	return crypto_aead_decrypt(prepare(s, sg, esp, length,
					   length - ESP_HEADER - ESP_IV, sequence));
}
